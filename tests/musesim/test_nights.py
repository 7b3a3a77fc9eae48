"""Raw frames: layout, headers, templates, times, reproducibility, faults."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from musecore.fits import is_simulated, scan_headers
from musesim.night import NightReport, simulate_night
from musesim.plan import Fault, NightInvalid, NightSpec, parse_ifus, plan_night
from musesim.statics import STATIC_TAGS
from musesim.truth import NightConflict, field_middle, read_truth


@pytest.fixture(scope="module")
def lamps(tmp_path_factory) -> NightReport:
    """Arcs and an illumination frame of IFU 3."""
    out = tmp_path_factory.mktemp("lamps")
    return simulate_night(NightSpec(ifus=(3,), types=("ARC", "ILLUM")), out)


@pytest.fixture(scope="module")
def science(tmp_path_factory) -> NightReport:
    """One OBJECT exposure of IFU 3."""
    out = tmp_path_factory.mktemp("science")
    return simulate_night(NightSpec(ifus=(3,), types=("OBJECT",)), out)


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _night(when: datetime) -> date:
    early = when.hour * 60 + when.minute < 20 * 60 + 40
    return when.date() - timedelta(days=1) if early else when.date()


def test_a_raw_file_has_an_empty_primary_and_one_unsigned_extension_per_ifu(lamps):
    with fits.open(lamps.raw[0], do_not_scale_image_data=True) as hdus:
        hdus.verify("exception")
        assert hdus[0].data is None
        assert [hdu.name for hdu in hdus[1:]] == ["CHAN03"]
        assert hdus[1].shape == (4240, 4224)
        assert (hdus[1].header["BITPIX"], hdus[1].header["BZERO"]) == (16, 32768)
    assert lamps.raw[0].stat().st_size % 2880 == 0


def test_the_four_ports_have_their_own_bias_and_noise_around_the_light(lamps):
    with fits.open(lamps.raw[-1]) as hdus:
        raw, header = hdus[1].data.astype(float), hdus[1].header
    truth = read_truth(lamps.truth)["detectors"]["3"]
    corners = [raw[:32, :2048], raw[:32, 2176:], raw[-32:, 2176:], raw[-32:, :2048]]
    for port, corner in enumerate(corners):
        gain = header[f"ESO DET OUT{port + 1} GAIN"]
        assert gain == truth["gain_electron_per_adu"][port]
        assert np.median(corner) == pytest.approx(truth["bias_adu"][port], abs=2)
        noise = corner.std() * gain
        assert noise == pytest.approx(truth["ron_electron"][port], rel=0.03)
    overscan = raw[1000:1100, 2080:2144]
    assert overscan.max() < 1400
    assert np.percentile(raw[2000:2100, 200:2000], 90) > 10000


def test_one_arc_template_holds_all_three_lamps_and_counts_them_truly(lamps):
    headers = [fits.getheader(path) for path in lamps.raw]
    arcs = [h for h in headers if h["ESO DPR TYPE"] == "WAVE"]
    assert len({h["ESO TPL START"] for h in arcs}) == 1
    assert {h["ESO TPL NEXP"] for h in arcs} == {3}
    assert [h["ESO TPL EXPNO"] for h in arcs] == [1, 2, 3]
    lit = [
        [
            n
            for n in range(1, 7)
            if h[f"ESO INS LAMP{n} ST"] and h[f"ESO INS SHUT{n} ST"]
        ]
        for h in arcs
    ]
    assert lit == [[3], [4], [5]]


def test_the_archive_name_and_mjd_have_the_milliseconds_that_date_obs_lacks(lamps):
    for path in lamps.raw:
        header = fits.getheader(path)
        assert path.name == header["ARCFILE"]
        stamp = datetime.fromisoformat(path.name[5:-5]).replace(tzinfo=UTC)
        epoch = datetime(1858, 11, 17, tzinfo=UTC)
        days = (stamp - epoch).total_seconds() / 86400
        assert header["MJD-OBS"] == pytest.approx(days, abs=2e-8)
        assert header["DATE-OBS"] == stamp.strftime("%Y-%m-%dT%H:%M:%S.000")


def test_every_frame_of_a_full_night_belongs_to_that_night_by_the_rule():
    frames = plan_night(NightSpec(chain="full", nights=2, ifus=(1,)))
    assert {_night(frame.start) for frame in frames} == {
        date(2018, 12, 9),
        date(2018, 12, 10),
    }
    assert all(_night(frame.start) == frame.night for frame in frames)
    tags = [frame.tag for frame in frames if frame.night == date(2018, 12, 9)]
    counts = {tag: tags.count(tag) for tag in dict.fromkeys(tags)}
    assert counts == {
        "BIAS": 3,
        "FLAT": 3,
        "ARC": 3,
        "ILLUM": 3,
        "SKYFLAT": 3,
        "STD": 1,
        "OBJECT": 2,
        "SKY": 1,
    }


def test_darks_are_made_on_request():
    assert len(plan_night(NightSpec(types=("DARK",)))) == 3


def test_every_template_is_complete_and_numbered():
    frames = plan_night(NightSpec(chain="full", exposures=3, types=()))
    starts = {frame.template_start for frame in frames}
    for start in starts:
        members = [frame for frame in frames if frame.template_start == start]
        assert [m.expno for m in members] == list(range(1, len(members) + 1))
        assert {m.nexp for m in members} == {len(members)}


def test_a_science_header_points_at_the_middle_of_the_ifus_simulated(science):
    header = fits.getheader(science.raw[0])
    _, y = field_middle((3,))
    assert header["DEC"] == pytest.approx(-27.78 + 0.2 * y / 3600, abs=1e-6)
    assert header["ESO OBS TARG NAME"] == "SIMFIELD"
    assert header["ESO TEL AIRM START"] == pytest.approx(1.0, abs=0.05)
    assert (header["ESO INS DROT MODE"], header["ESO INS MODE"]) == (
        "SKY",
        "WFM-NOAO-N",
    )


def test_the_second_exposure_says_a_wrong_pointing_and_the_truth_tells(tmp_path):
    spec = NightSpec(mode="WFM-AO-N", exposures=2, types=("OBJECT",))
    report = simulate_night(spec, tmp_path)
    records = read_truth(report.truth)["exposures"]
    first, second = (records[path.name] for path in report.raw)
    assert first["error_east_north_arcsec"] == [0.0, 0.0]
    assert second["error_east_north_arcsec"] == [0.55, -0.35]
    shown, true = second["pointing_header_deg"], second["pointing_true_deg"]
    east = (shown[0] - true[0]) * 3600 * np.cos(np.radians(true[1]))
    assert east == pytest.approx(0.55, abs=1e-3)
    assert (shown[1] - true[1]) * 3600 == pytest.approx(-0.35, abs=1e-3)
    assert fits.getheader(report.raw[1])["RA"] == pytest.approx(shown[0], abs=1e-6)


def test_the_same_seed_gives_the_same_bytes_whatever_else_is_simulated(lamps, tmp_path):
    again = simulate_night(NightSpec(ifus=(3,), types=("ILLUM",)), tmp_path / "one")
    assert _digest(again.raw[0]) == _digest(lamps.raw[-1])


def test_processes_share_the_ifus_and_write_the_same_pixels(lamps, tmp_path):
    spec = NightSpec(ifus=(2, 3), types=("ILLUM",))
    both = simulate_night(spec, tmp_path, jobs=2)
    with fits.open(both.raw[0]) as hdus, fits.open(lamps.raw[-1]) as alone:
        assert np.array_equal(hdus["CHAN03"].data, alone["CHAN03"].data)
        assert not np.array_equal(hdus["CHAN02"].data, alone["CHAN03"].data)


def test_a_repeated_run_leaves_the_files_alone(science, tmp_path):
    before = science.raw[0].stat().st_mtime_ns
    spec = NightSpec(ifus=(3,), types=("OBJECT",))
    again = simulate_night(spec, science.truth.parent)
    assert (again.written, again.skipped) == (0, 1)
    assert science.raw[0].stat().st_mtime_ns == before


def test_a_folder_with_another_simulation_is_refused(science):
    folder = science.truth.parent
    with pytest.raises(NightConflict, match="seed 1, not 2"):
        simulate_night(NightSpec(ifus=(3,), seed=2), folder)
    with pytest.raises(NightConflict, match="other IFUs, mode or faults"):
        simulate_night(NightSpec(ifus=(4,), types=("OBJECT",)), folder)


def test_a_cut_off_run_leaves_no_raw_file_and_goes_on_when_repeated(tmp_path):
    class CutOffError(Exception):
        pass

    def cut(done: int, total: int, what: str) -> None:
        raise CutOffError

    spec = NightSpec(ifus=(3,), types=("ILLUM",))
    with pytest.raises(CutOffError):
        simulate_night(spec, tmp_path, cut)
    assert not list((tmp_path / "raw").glob("*.fits"))
    report = simulate_night(spec, tmp_path)
    assert report.raw[0].exists()
    assert not list((tmp_path / "raw").glob("*.part"))


def test_compressed_frames_hold_the_same_pixels(science, tmp_path):
    spec = NightSpec(ifus=(3,), types=("OBJECT",), compress="rice")
    report = simulate_night(spec, tmp_path)
    assert report.raw[0].name.endswith(".fits.fz")
    assert report.raw[0].stat().st_size < 0.5 * science.raw[0].stat().st_size
    with fits.open(report.raw[0]) as packed, fits.open(science.raw[0]) as plain:
        assert np.array_equal(packed["CHAN03"].data, plain["CHAN03"].data)
        assert packed["CHAN03"].header["ESO DET OUT1 X"] == 1


def test_other_modes_are_headers_without_pixels(tmp_path):
    report = simulate_night(
        NightSpec(ifus=tuple(range(1, 25)), mode="NFM-AO-N"), tmp_path
    )
    with fits.open(report.raw[-1]) as hdus:
        assert hdus[0].header["ESO INS OPTI2 NAME"] == "NFM"
        assert [hdu.name for hdu in hdus[1:]] == [f"CHAN{n:02d}" for n in range(1, 25)]
        assert all(hdu.data is None for hdu in hdus[1:])


def test_faults_change_the_pixels_of_their_ifu_and_nothing_else(tmp_path):
    faults = (Fault.parse("bad-flat:3"), Fault.parse("saturated-flat:4"))
    spec = NightSpec(ifus=(3, 4), types=("FLAT",), faults=faults)
    one = [frame for frame in plan_night(spec) if frame.expno == 1]
    assert len(one) == 1
    report = simulate_night(spec, tmp_path)
    with fits.open(report.raw[0]) as hdus:
        assert hdus["CHAN03"].data[2000:2100].max() < 1400
        assert (hdus["CHAN04"].data[2000:2100] == 65535).mean() > 0.5
        assert hdus["CHAN04"].data[:32, :2048].max() < 1400
    records = read_truth(report.truth)
    assert records["faults"] == ["bad-flat:3", "saturated-flat:4"]


def test_a_dead_channel_says_so_and_a_missing_lamp_leaves_a_gap(tmp_path):
    faults = (Fault.parse("bad-ifu:3"), Fault.parse("missing-arc-lamp:Ne"))
    spec = NightSpec(ifus=(3,), types=("ARC",), faults=faults)
    report = simulate_night(spec, tmp_path)
    assert len(report.raw) == 2
    with fits.open(report.raw[0]) as hdus:
        assert hdus["CHAN03"].data is None
        assert hdus["CHAN03"].header["ESO DET CHIP LIVE"] is False
        assert hdus[0].header["ESO TPL NEXP"] == 3


def test_a_replacement_set_can_be_put_beside_a_bad_one():
    bad = plan_night(NightSpec(types=("FLAT",)))
    good = plan_night(NightSpec(types=("FLAT",), offset_minutes=20))
    assert good[0].template_start - bad[0].template_start == timedelta(minutes=20)
    assert not {f.arcfile for f in bad} & {f.arcfile for f in good}


@pytest.mark.parametrize("text", ["", "0", "25", "1;2", "a-b"])
def test_a_list_of_ifus_that_is_none_is_refused(text):
    with pytest.raises(NightInvalid):
        parse_ifus(text)


@pytest.mark.parametrize("text", ["1-3", "3,2,1", "1,2-3"])
def test_ifus_may_be_written_as_list_or_range(text):
    assert parse_ifus(text) == (1, 2, 3)


@pytest.mark.parametrize("text", ["bad-flatt:1", "bad-flat:25", "missing-arc-lamp:Ar"])
def test_a_fault_that_is_not_known_is_refused_with_what_is(text):
    with pytest.raises(NightInvalid, match=r"Known are|must be one of"):
        Fault.parse(text)


def test_the_statics_say_what_they_are_and_since_when(science):
    assert set(science.statics) == set(STATIC_TAGS)
    for tag, path in science.statics.items():
        header = fits.getheader(path)
        assert header["ESO PRO CATG"] == tag
        assert (header["INSTRUME"], header["ARCFILE"]) == ("MUSE", path.name)
        assert header["MJD-OBS"] < 58461
    with fits.open(science.statics["LINE_CATALOG"]) as hdus:
        assert hdus[0].header["VERSION"] == 3
        assert (np.diff(hdus[1].data["lambda"]) > 0).all()
        assert set(hdus[1].data["quality"]) <= {0, 1, 3, 5}
    with fits.open(science.statics["GEOMETRY_TABLE"]) as hdus:
        assert len(hdus[1].data) == 24 * 48
    with fits.open(science.statics["FILTER_LIST"]) as hdus:
        assert "Johnson_V" in [hdu.header.get("EXTNAME") for hdu in hdus]


def test_a_night_without_pixels_is_small_and_says_that_it_is_simulated(
    tmp_path: Path,
) -> None:
    spec = NightSpec(ifus=tuple(range(1, 25)), chain="quick", headers_only=True)
    report = simulate_night(spec, tmp_path)
    assert max(path.stat().st_size for path in report.raw) < 1_000_000
    for path in report.raw:
        hdus = scan_headers(path)
        assert is_simulated(hdus[0].header)
        assert len(hdus) == 25
        assert all(hdu.header["ESO DET CHIP LIVE"] is True for hdu in hdus[1:])
