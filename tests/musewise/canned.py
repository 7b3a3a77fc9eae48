"""What the services answer, as values that follow the HTTP contract."""

import hashlib
from typing import Any

URL = "http://muse.test"
TOKEN = "t0ken"
JOB_ID = "0199a1b2-0000-7bbb-8000-000000000001"
OBJECT_ARC = "MUSE.2017-06-16T01:34:56.867.fits"
LOG = "12:00:01 [ INFO ] muse_flat: start\n12:00:09 [ERROR] muse_flat: no trace found\n"


def sha_of(text: str | bytes) -> str:
    return hashlib.sha256(
        text if isinstance(text, bytes) else text.encode()
    ).hexdigest()


def frame_id(number: int) -> str:
    tail = sha_of(f"frame {number}")  # as of a random id of version 7
    return f"0199a1b2-c3d4-7{tail[:3]}-8{tail[3:6]}-{tail[6:18]}"


CUBE_ID = frame_id(1)


def make_frame(number: int = 1, **facts: Any) -> dict[str, Any]:
    """A frame as the catalog gives it: a raw bias unless said otherwise."""
    name = facts.get("filename", f"MUSE.2017-06-15T10:00:{number:02d}.000.fits")
    return {
        "frame_id": frame_id(number),
        "file_id": f"0199a1b2-c3d4-7fff-8000-{number:012x}",
        "kind": "raw",
        "tag": "BIAS",
        "ifu": None,
        "filename": name,
        "arcfile": name,
        "sha256": sha_of(name),
        "content_key": sha_of(name + "content"),
        "size": 810_000_000,
        "project": "local",
        "owner": "me",
        "state": "STORED",
        "night": "2017-06-14",
        "date_obs": "2017-06-15T10:00:00.000",
        "exptime_s": 0.0,
        "object": "BIAS",
        "target": None,
        "ins_mode": "WFM-NOAO-N",
        "tpl_start": "2017-06-15T09:59:00",
        "recipe": None,
        "task_id": None,
        "is_valid": "unknown",
        "is_valid_reason": None,
        "version": 1,
        "quality_flags": [],
        "keywords": {"det_chip1_id": "ESO-ADAM"},
        **facts,
    }


def make_cube(number: int = 1, **facts: Any) -> dict[str, Any]:
    """A finished cube."""
    body = b"SIMPLE  =                    T" + bytes(5000)
    return make_frame(
        number,
        **{
            "kind": "product",
            "tag": "DATACUBE_FINAL",
            "filename": "DATACUBE_FINAL.fits",
            "arcfile": None,
            "sha256": sha_of(body),
            "size": len(body),
            "recipe": "muse_scipost",
            "target": "IC4406",
            **facts,
        },
    )


CUBE_BYTES = b"SIMPLE  =                    T" + bytes(5000)


def make_choice(**facts: Any) -> dict[str, Any]:
    """A chosen bias set."""
    return {
        "consumer": OBJECT_ARC,
        "consumer_tag": "OBJECT",
        "category": "MASTER_BIAS",
        "ifus": [],
        "choice": "2017-06-15T09:59:00",
        "source_tag": "BIAS",
        "source_recipe": "muse_bias",
        "level": 0.0,
        "distance_days": -0.65,
        "reason": "the nearest complete set of the same night",
        "runner_up": {
            "choice": "2017-06-13T10:11:12",
            "level": 1.0,
            "distance_days": -2.6,
            "lost_because": "level 1 comes after level 0",
        },
        "warnings": [],
        **facts,
    }


def make_plan(**facts: Any) -> dict[str, Any]:
    """A runnable plan of three recipes."""
    recipes = [
        {"recipe": "muse_bias", "tasks": 3, "reuse": 3, "build": 0, "waiting": 0,
         "est_s": 0.0, "est_mem_mb": 900},
        {"recipe": "muse_flat", "tasks": 3, "reuse": 0, "build": 3, "waiting": 0,
         "est_s": 60.0, "est_mem_mb": 1100},
        {"recipe": "muse_scipost", "tasks": 1, "reuse": 0, "build": 1, "waiting": 0,
         "est_s": 140.0, "est_mem_mb": 4200},
    ]  # fmt: skip
    static = make_choice(
        category="SKY_LINES",
        choice="M.MUSE.2014-12-08T12:30:51.293.fits",
        distance_days=None,
        reason="the static valid at this time",
        runner_up=None,
        warnings=["TPL NEXP is not known"],
    )
    return {
        "plan_id": "0199a1b2-1111-7ccc-8000-000000000001",
        "request": {"product": "DATACUBE_FINAL", "target": "IC4406"},
        "products": ["DATACUBE_FINAL"],
        "recipes": recipes,
        "tasks": [],
        "choices": [make_choice(), static],
        "warnings": ["No standard star: the cube is in counts."],
        "missing": [],
        "estimated_s": 200.0,
        "runnable": True,
        **facts,
    }


def make_task(number: int = 1, **facts: Any) -> dict[str, Any]:
    """A task of the job."""
    return {
        "task_id": f"{number:08x}-1111-4ddd-8000-000000000001",
        "key": sha_of(str(number)),
        "recipe": "muse_flat",
        "ifu": number,
        "group": "2017-06-15T12:00:00",
        "state": "DONE",
        "attempt": 1,
        "reason": "",
        "est_s": 20.0,
        "memory_mb": 1100,
        "worker": "w1",
        "started": "2017-06-16T12:00:00Z",
        "ended": "2017-06-16T12:00:20Z",
        **facts,
    }


def make_attempt(**facts: Any) -> dict[str, Any]:
    """A finished try."""
    return {
        "task_id": make_task()["task_id"],
        "attempt": 1,
        "worker": "w1",
        "pid": 4711,
        "started": "2017-06-16T12:00:00Z",
        "ended": "2017-06-16T12:00:20Z",
        "outcome": "finished",
        "detail": "",
        "telling_lines": [],
        "exit_code": 0,
        "signal": None,
        "log_file_id": "0199a1b2-c3d4-7eee-8000-000000000009",
        "wall_s": 20.0,
        "cpu_s": 38.0,
        "max_rss_mb": 1042.0,
        "bytes_in": 1,
        "bytes_out": 2,
        **facts,
    }


def make_progress(**ifus: str) -> dict[str, Any]:
    """The progress of a recipe from the states of its IFUs, as ``i1="done"``."""
    states = {name.removeprefix("i"): state for name, state in ifus.items()}
    known = list(states.values())
    return {
        "total": len(known),
        "done": sum(known.count(state) for state in ("done", "reused")),
        "reused": known.count("reused"),
        "running": known.count("running"),
        "failed": known.count("failed"),
        "blocked": known.count("blocked"),
        "waiting": sum(known.count(state) for state in ("waiting", "ready")),
        "ifus": states,
    }


def make_job(state: str = "RUNNING", **facts: Any) -> dict[str, Any]:
    """A job of two recipes over three IFUs."""
    done = state == "DONE"
    flat = "done" if done else "running"
    progress = {
        "muse_bias": make_progress(i1="reused", i2="reused", i3="reused"),
        "muse_flat": make_progress(i1=flat, i2=flat, i3="done" if done else "ready"),
    }
    cube = make_cube()
    product = {
        name: cube[name]
        for name in ("tag", "frame_id", "file_id", "filename", "sha256")
    }
    return {
        "job_id": JOB_ID,
        "state": state,
        "request": {"product": "DATACUBE_FINAL", "target": "IC4406"},
        "created": "2017-06-16T11:59:00Z",
        "progress": progress,
        "tasks_total": 6,
        "done": 6 if done else 3,
        "eta_s": None if done else 42.0,
        "products": [product] if done else [],
        "messages": [],
        **facts,
    }


def make_lineage() -> dict[str, Any]:
    """A cube of three IFUs: two pixel tables from the same raw frame are alike."""

    def pixtable(ifu: int) -> dict[str, Any]:
        raw = make_frame(50, tag="OBJECT", filename=OBJECT_ARC, arcfile=OBJECT_ARC)
        inputs = [{"tag": "OBJECT", "frame": raw, "task": None, "inputs": []}]
        bias = make_frame(60 + ifu, tag="MASTER_BIAS", ifu=ifu, kind="product",
                          filename=f"MASTER_BIAS-{ifu:02d}.fits")  # fmt: skip
        raws = [
            {"tag": "BIAS", "frame": make_frame(n), "task": None, "inputs": []}
            for n in (2, 3, 4)
        ]
        inputs.append(
            {"tag": "MASTER_BIAS", "frame": bias, "task": make_run("muse_bias", ifu),
             "inputs": raws}
        )  # fmt: skip
        frame = make_frame(70 + ifu, tag="PIXTABLE_OBJECT", ifu=ifu, kind="product",
                           filename=f"PIXTABLE_OBJECT_0001-{ifu:02d}.fits")  # fmt: skip
        task = make_run("muse_scibasic", ifu)
        return {
            "tag": "PIXTABLE_OBJECT",
            "frame": frame,
            "task": task,
            "inputs": inputs,
        }

    tables = [pixtable(1), pixtable(2), pixtable(3)]
    for repeated in tables[1:]:
        repeated["inputs"][0] = {
            "tag": "OBJECT", "frame": None, "task": None, "inputs": [],
            "ref": frame_id(50),
        }  # fmt: skip
    return {
        "frame": make_cube(), "task": make_run("muse_scipost", None), "inputs": tables
    }  # fmt: skip


def make_run(recipe: str, ifu: int | None) -> dict[str, Any]:
    """A task as lineage tells it."""
    return {
        "task_id": make_task()["task_id"],
        "recipe": recipe,
        "ifu": ifu,
        "parameters": {"nifu": ifu} if ifu else {},
        "versions": {"pipeline": "muse/2.8.7"},
        "log_file_id": "0199a1b2-c3d4-7eee-8000-000000000009",
    }


def make_why() -> dict[str, Any]:
    """Why the cube is as it is."""
    flats = [make_choice(consumer_tag="FLAT", ifus=[ifu]) for ifu in (1, 2, 3)]
    other = {
        "task_id": make_task()["task_id"],
        "state": "DONE",
        "frame_ids": [frame_id(2)],
        "differences": [
            {"kind": "parameter", "what": "crsigma", "this": "20", "other": "15"}
        ],
    }
    return {
        "frame_id": CUBE_ID,
        "tag": "DATACUBE_FINAL",
        "filename": "DATACUBE_FINAL.fits",
        "state": "VALID",
        "state_reason": "",
        "recipe": "muse_scipost",
        "ifu": None,
        "group": OBJECT_ARC,
        "set_parameters": {"crsigma": 20},
        "caveats": ["no standard star: the cube is in counts"],
        "reuse": ["muse_bias IFU 1: the same inputs, parameters and versions"],
        "choices": [make_choice(category="SKY_LINES")],
        "ancestors": [{"recipe": "muse_flat", "choices": flats}],
        "other_versions": [other],
    }


QC = [
    {"name": "SCIPOST FWHM MEDIAN", "ifu": None, "value": 2.8312345, "unit": "pix",
     "meaning": "median FWHM of all sources"},
    {"name": "SCIPOST NDET", "ifu": None, "value": 12, "unit": None,
     "meaning": "number of sources detected"},
]  # fmt: skip
HEADER = {
    "hdus": [
        {"index": 0, "extname": None, "cards": [
            ["SIMPLE", True, "Standard FITS"],
            ["ESO INS MODE", "WFM-NOAO-N", "Instrument mode"],
            ["EXPTIME", 1800.0, None],
            ["COMMENT", "made by a detector", None]]},
        {"index": 7, "extname": "CHAN07", "cards": [["EXTNAME", "CHAN07", None]]},
    ]
}  # fmt: skip
NIGHTS = [{"night": "2017-06-14", "counts": {"BIAS": 11, "OBJECT": 2}}]
SETS = [{"tag": "BIAS", "tpl_start": "2017-06-15T09:59:00", "n": 10, "nexp": 11,
         "complete": False, "quality_flags": ["INCOMPLETE"]}]  # fmt: skip
REFUSALS = [{"filename": "a.fits", "code": "not_fits", "detail": "It is a text file."}]
DIFF = {
    "inputs": [],
    "parameters": [{"name": "crsigma", "ifu": None, "a": 15, "b": 20}],
    "versions": [],
    "qc": [{"name": "SCIPOST FWHM MEDIAN", "ifu": 3, "a": 2.83, "b": 2.84}],
}
