"""Python client and command line of musewise.

>>> from musewise import connect
>>> muse = connect()
>>> cube = muse.process("DATACUBE_FINAL", target="HDFS").wait(progress=True)
"""

from musewise.dpu import Job, Plan, PlanRequest
from musewise.errors import Error
from musewise.query import Query
from musewise.results import Frame, Frames
from musewise.session import Session, connect

__all__ = [
    "Error",
    "Frame",
    "Frames",
    "Job",
    "Plan",
    "PlanRequest",
    "Query",
    "Session",
    "connect",
]
