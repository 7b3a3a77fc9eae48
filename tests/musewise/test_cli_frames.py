"""ls, show, header, qc, flag, diff, nights, sets, tree, why."""

import json

import pytest

from musewise.display.formats import distance_text, ifus_text, short_ids, time_text
from tests.musewise.canned import (
    CUBE_ID,
    OBJECT_ARC,
    TOKEN,
    frame_id,
    make_frame,
    sha_of,
)
from tests.musewise.canned_server import problem


def test_ls_lists_what_the_server_finds_and_asks_for_the_class(run, server):
    done = run("ls", "BIAS", "--night", "2017-06-14")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("BIAS") >= 2
    assert "DATACUBE_FINAL" not in done.stdout
    (asked,) = server.sent("GET", "/catalog/frames")
    assert (asked["tag"], asked["night"]) == ("BIAS", "2017-06-14")


def test_ls_reads_page_after_page(run, server):
    server.page = 1
    assert len(json.loads(run("ls", "--json").stdout)) == 3


def test_the_ifus_of_one_file_share_a_row(run, server):
    server.frames = [make_frame(n, ifu=n, file_id="f", tag="LSF") for n in range(1, 25)]
    done = run("ls")
    assert "1-24" in done.stdout
    assert len(done.stdout.splitlines()) == 2


def test_cubes_of_one_exposure_are_told_apart(run, server):
    cube = {"kind": "product", "tag": "DATACUBE_FINAL", "arcfile": "MUSE.x.fits"}
    server.frames = [
        make_frame(n, **cube, filename="CUBE.fits", created_at=f"2018-01-0{n}T00:00:00")
        | ({"project": "trial:me,local"} if n == 2 else {})
        for n in (1, 2)
    ]
    _, first, second = run("ls", columns=160).stdout.splitlines()
    assert "CUBE.fits" in first
    assert "2018-01-01 00:00:00" in first
    assert "trial" not in first
    assert "2018-01-02 00:00:00" in second
    assert "trial" in second


def test_a_listing_fits_a_terminal_of_80_columns(run, server):
    server.frames = [make_frame(1, target="a very long name of a target " * 4)]
    done = run("ls", columns=80)
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize("columns", [80, 100, 160])
def test_the_ifu_is_never_cut_away(run, server, columns):
    frame = make_frame(
        1, ifu=12, tag="PIXTABLE_OBJECT", kind="product", target="a name " * 9
    )
    flags = ["RECIPE_WARNINGS", "WITHOUT_STD_RESPONSE"]
    server.frames = [frame | {"quality_flags": flags, "created_at": "2018-01-01"}]
    head, row = run("ls", columns=columns).stdout.splitlines()
    assert " IFU " in head
    assert " 12 " in row
    assert "valid" in head
    assert max(len(head.rstrip()), len(row.rstrip())) <= columns


def test_ls_stops_at_its_limit_and_says_how_to_see_more(run):
    done = run("ls", "--limit", "2")
    assert len(done.stdout.splitlines()) == 3
    assert "--limit 20" in done.stderr


def test_ls_by_recipe_takes_the_name_with_or_without_prefix(run):
    for name in ("scipost", "muse_scipost"):
        found = json.loads(run("ls", "--recipe", name, "--json").stdout)
        assert [one["frame_id"] for one in found] == [CUBE_ID]


def test_ls_refused_lists_the_reasons(run):
    assert "It is a text file." in run("ls", "--refused").stdout


def test_show_tells_the_facts_of_a_frame_by_the_beginning_of_its_id(run, server):
    server.frames = server.frames[:1]
    done = run("show", CUBE_ID[:13], "--columns")
    assert "DATACUBE_FINAL.fits" in done.stdout
    assert "det_chip1_id" in done.stdout


def test_an_ambiguous_id_lists_the_candidates(run):
    done = run("show", CUBE_ID[:13])
    assert done.exit_code == 1
    assert CUBE_ID in done.stderr
    assert frame_id(2) in done.stderr


def test_an_unknown_id_gives_one_sentence_and_the_request_id(run):
    done = run("show", "ffffffff")
    assert done.exit_code == 5
    assert "There is no frame ffffffff." in done.stderr
    assert "req-1" in done.stderr
    assert "Traceback" not in done.output


def test_an_error_with_json_is_json_on_stderr_and_nothing_on_stdout(run):
    done = run("show", "ffffffff", "--json")
    assert done.stdout == ""
    assert json.loads(done.stderr)["code"] == "frame_not_found"


@pytest.mark.parametrize("hdu", ["7", "CHAN07", "chan07"])
def test_header_gives_one_extension_by_number_or_name(run, hdu):
    done = run("header", CUBE_ID, "--hdu", hdu)
    assert "CHAN07" in done.stdout


def test_header_keeps_only_the_cards_that_hold_a_word(run):
    lines = run("header", CUBE_ID, "--grep", "ins mode").stdout.splitlines()
    assert lines[0] == "# HDU 0 PRIMARY"
    assert lines[1].startswith("ESO INS MODE")
    assert "'WFM-NOAO-N' / Instrument mode" in lines[1]
    assert len(lines) == 2


def test_qc_gives_value_unit_and_meaning(run):
    done = run("qc", CUBE_ID, "--grep", "fwhm")
    assert "2.831234" in done.stdout
    assert "median FWHM of all sources" in done.stdout
    assert "NDET" not in done.stdout


def test_flag_sends_opinion_and_reason(run, server):
    done = run("flag", CUBE_ID, "--valid", "no", "--reason", "trailed")
    assert done.exit_code == 0, done.stderr
    said = server.sent("POST", "/catalog/quality/batch")[-1]
    assert (said["reason"], said["dry_run"]) == ("trailed", False)
    assert said["edits"] == [{"frame_id": CUBE_ID, "is_valid": "no", "expect": 1}]
    assert "unknown -> no" in done.stdout


def test_flag_refuses_another_word(run):
    done = run("flag", CUBE_ID, "--valid", "perhaps", "--reason", "x")
    assert done.exit_code == 1


def test_the_tree_goes_down_to_each_raw_file_with_its_checksum(run):
    done = run("tree", CUBE_ID)
    for number in (2, 3, 4):
        name = f"MUSE.2017-06-15T10:00:{number:02d}.000.fits"
        assert f"{name}  sha256 {sha_of(name)[:12]}" in done.stdout
    assert f"{OBJECT_ARC}  sha256 {sha_of(OBJECT_ARC)[:12]}" in done.stdout


def test_ifus_that_are_alike_share_a_branch_unless_all_are_asked_for(run):
    folded = run("tree", CUBE_ID).stdout
    assert "PIXTABLE_OBJECT IFU 1-3" in folded
    assert folded.count("PIXTABLE_OBJECT IFU") == 1
    assert run("tree", CUBE_ID, "--all").stdout.count("PIXTABLE_OBJECT IFU") == 3


def test_full_checksums_on_request(run):
    whole = run("tree", CUBE_ID, "--full", columns=250).stdout
    assert sha_of(OBJECT_ARC) in whole


def test_why_tells_choices_reuse_and_other_versions(run):
    done = run("why", CUBE_ID, "-v")
    assert "2017-06-15T09:59:00" in done.stdout
    assert "level 1 comes after level 0" in done.stdout
    assert "the same inputs, parameters and versions" in done.stdout
    assert "parameters other than the defaults: crsigma=20" in done.stdout
    assert "parameter   crsigma  20    15" in done.stdout
    assert done.stdout.count("MASTER_BIAS 1-3") == 1


def test_why_of_one_category_and_ifu_shows_that_choice_only(run):
    told = json.loads(run("why", CUBE_ID, "MASTER_BIAS", "--ifu", "2", "--json").stdout)
    chosen = [row for one in told["ancestors"] for row in one["choices"]]
    assert [(row["category"], row["ifus"]) for row in chosen] == [("MASTER_BIAS", [2])]
    assert told["choices"] == []
    for wrong, hint in (
        ("MASTER_BAIS", "Did you mean MASTER_BIAS?"),
        ("X", "SKY_LINES"),
    ):
        done = run("why", CUBE_ID, wrong)
        assert (done.exit_code, hint in done.stderr) == (1, True), done.stderr


def test_diff_shows_this_and_other(run):
    (row,) = [
        line
        for line in run("diff", CUBE_ID, frame_id(2)).stdout.splitlines()
        if "crsigma" in line
    ]
    assert row.split() == ["parameters", "crsigma", "15", "20"]


def test_nights_and_sets_are_listed(run):
    assert "BIAS 11, OBJECT 2" in run("nights").stdout
    assert "10/11" in run("sets").stdout


def test_a_server_that_is_not_there_is_exit_2_with_what_to_start(server):
    from typer.testing import CliRunner

    from musewise.cli import app

    done = CliRunner().invoke(app, ["ls", "--url", "http://127.0.0.1:9"])
    assert done.exit_code == 2
    assert "musewise-server up" in done.stderr


def test_a_missing_token_is_said(server):
    from typer.testing import CliRunner

    from musewise.cli import app
    from musewise.cli.options import Surroundings

    around = Surroundings(server.transport())
    done = CliRunner().invoke(app, ["ls", "--url", "http://x"], obj=around)
    assert done.exit_code == 4
    assert "MUSEWISE_TOKEN" in done.stderr
    assert TOKEN not in done.stderr


def test_an_answer_that_is_no_problem_document_still_gives_a_sentence(run, server):
    import httpx

    server.answers["GET /catalog/nights"] = httpx.Response(502, text="<h1>Bad</h1>")
    done = run("nights")
    assert done.exit_code == 2
    assert "GET /catalog/nights was answered with 502" in done.stderr


def test_a_parameter_error_keeps_the_suggestion_of_the_server(run, server):
    detail = "muse_scipost has no parameter 'crtpye'."
    hint = "Did you mean 'crtype'?"
    server.answers["POST /scheduler/plans"] = problem(
        422, "unknown_parameter", detail, hint=hint
    )
    done = run("plan", "DATACUBE_FINAL", "-t", "X", "-p", "scipost.crtpye=median")
    assert done.exit_code == 1
    assert detail in done.stderr
    assert hint in done.stderr


def test_ids_are_as_short_as_they_can_be_told_apart():
    ids = [
        "aaaaaaaa-1111-4000-8000-000000000001",
        "aaaaaaaa-2222-4000-8000-000000000001",
    ]
    assert sorted(short_ids(ids).values()) == ["aaaaaaaa-1111", "aaaaaaaa-2222"]
    assert short_ids(ids[:1]) == {ids[0]: "aaaaaaaa"}


def test_ids_that_begin_with_their_time_keep_all_of_it():
    assert short_ids([CUBE_ID]) == {CUBE_ID: CUBE_ID[:18]}


def test_numbers_are_said_as_people_say_them():
    assert ifus_text([1, 2, 3, 7, None]) == "1-3,7"
    assert [time_text(s) for s in (5, 200, 7800)] == ["5 s", "3 min 20 s", "2 h 10 min"]
    assert [distance_text(d) for d in (0.01, -0.5, 3)] == [
        "+14 min",
        "-12.0 h",
        "+3.0 d",
    ]
