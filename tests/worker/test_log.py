"""What a recipe's log tells."""

from pathlib import Path

from muse_worker.engine.log import (
    LogFollower,
    LogLine,
    parse_lines,
    telling_lines,
    warnings_of,
)

FAILED = """
Start time     : 2026-11-23T00:04:40
00:04:40 [ INFO  ] : [tid=000] This is EsoRex, version 3.13.6
00:04:40 [WARNING] : [tid=000] Unable to open directory /usr/lib/cpl/plugins
00:04:40 [ INFO  ] muse_processing_recipeinfo: [tid=000] MUSE Instrument Pipeline v2.8.7
00:04:40 [WARNING] muse_frameset_check_raw: [tid=000] File "a.fits" has another chip
00:04:40 [ ERROR ] muse_basicproc_load_raw: [tid=000] No raw images loaded for IFU 7
00:04:40 [ ERROR ] muse_processing_check_input: [tid=000] Found 1 error(s)
00:04:40 [ ERROR ] muse_cplerrorstate_dump_some: [tid=000]   [1/2] 'Bad file' (6) at x.c:1
00:04:40 [ ERROR ] muse_cplerrorstate_dump_some: [tid=000]   [2/2] 'Bad file' (6) at x.c:1
00:04:40 [ ERROR ] : [tid=000] Execution of recipe 'muse_bias' failed, status = -1
"""

# Two lines of the terminal layout, from a log that ESO delivered with its products.
TERMINAL = """14:01:26 [ INFO  ] muse_scibasic: MUSE Instrument Pipeline v1.4b1
14:01:28 [ INFO  ] muse_scibasic: [tid=002] loaded "x.fits[CHAN03]" (extension 6)
[likwid-pin] Main PID -> core 0 - OK
"""


def test_the_errors_are_told_with_what_happened_just_before():
    told = telling_lines(parse_lines(FAILED))
    assert told == [
        "[INFO] This is EsoRex, version 3.13.6",
        "[INFO] muse_processing_recipeinfo: MUSE Instrument Pipeline v2.8.7",
        '[WARNING] muse_frameset_check_raw: File "a.fits" has another chip',
        "[ERROR] muse_basicproc_load_raw: No raw images loaded for IFU 7",
        "[ERROR] 'Bad file' (6) at x.c:1",
        "[ERROR] Execution of recipe 'muse_bias' failed, status = -1",
    ]


def test_the_last_words_are_told_when_there_is_no_error():
    assert telling_lines(parse_lines(TERMINAL)) == [
        "[INFO] muse_scibasic: MUSE Instrument Pipeline v1.4b1",
        '[INFO] muse_scibasic: loaded "x.fits[CHAN03]" (extension 6)',
    ]


def test_an_abort_of_a_library_is_told_though_it_has_no_layout():
    log = TERMINAL + "\n*** CxLib-ERROR **: cxmemory.c:304: failed to allocate 8 bytes"
    assert "failed to allocate 8 bytes" in telling_lines(parse_lines(log))[-1]


def test_warnings_are_given_once_and_without_those_about_esorex_itself():
    assert warnings_of(parse_lines(FAILED + FAILED)) == [
        'muse_frameset_check_raw: File "a.fits" has another chip'
    ]


def test_a_growing_log_is_followed_by_whole_lines(tmp_path: Path):
    path = tmp_path / ".logfile"
    follower = LogFollower(path)
    assert follower.look() == []
    path.write_text("00:04:40 [ INFO  ] a: one\n00:04:41 [ INF")
    assert [line.text for line in follower.look()] == ["one"]
    with path.open("a") as log:
        log.write("O  ] a: two\n")
    assert [line.text for line in follower.look()] == ["two"]
    assert [line.text for line in follower.last] == ["one", "two"]


def test_warnings_that_differ_in_a_number_only_are_told_once_with_their_count():
    said = [
        LogLine("00:00:01", "WARNING", "load", f"Channel for IFU {n:02d} is missing")
        for n in (2, 3, 4)
    ]
    other = LogLine("00:00:02", "WARNING", "load", "no response")
    assert warnings_of([*said, other]) == [
        "load: Channel for IFU 02 is missing (and 2 more like this)",
        "load: no response",
    ]
