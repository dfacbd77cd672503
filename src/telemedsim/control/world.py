"""One replication: the processes of a Plan's work on a data plane."""

from collections.abc import Callable

from telemedsim.control.probes import Probes
from telemedsim.control.pump import Pump
from telemedsim.control.replication import Replication
from telemedsim.control.workflows import Workflow
from telemedsim.control.workflows.archiving import Archiving
from telemedsim.control.workflows.broadcast import Broadcasts
from telemedsim.control.workflows.consultation import Consultations
from telemedsim.control.workflows.examination import Examinations
from telemedsim.control.workflows.image_reading import ImageReading
from telemedsim.control.workflows.lesson import Lessons
from telemedsim.control.workflows.monitoring import Monitored
from telemedsim.control.workflows.morning_reading import MorningReadings
from telemedsim.control.workflows.online_consultation import OnlineConsultations
from telemedsim.control.workflows.probing import Probing
from telemedsim.control.workflows.remote_reporting import RemoteReporting
from telemedsim.control.workflows.replication import StudyReplication
from telemedsim.control.workflows.study_upload import StudyUpload
from telemedsim.dataplane.base import DataPlane
from telemedsim.network.plan import Plan
from telemedsim.network.work import (
    ArchivingWork,
    BroadcastWork,
    ConsultationWork,
    ExaminationWork,
    LessonWork,
    MonitoringWork,
    MorningReadingWork,
    OnlineConsultationWork,
    ReadingWork,
    ReplicationWork,
    ReportingWork,
    UploadWork,
    Work,
)
from telemedsim.records.flows import FlowRecords
from telemedsim.records.sessions import ControlRecords

WORKFLOWS: dict[type[Work], Callable[..., Workflow]] = {
    ArchivingWork: Archiving,
    BroadcastWork: Broadcasts,
    ConsultationWork: Consultations,
    LessonWork: Lessons,
    MonitoringWork: Monitored,
    MorningReadingWork: MorningReadings,
    OnlineConsultationWork: OnlineConsultations,
    ExaminationWork: Examinations,
    ReadingWork: ImageReading,
    ReportingWork: RemoteReporting,
    ReplicationWork: StudyReplication,
    UploadWork: StudyUpload,
}
"""What runs each kind of work."""


def simulate(
    plan: Plan, plane: DataPlane, progress: Callable[[int], None] | None = None
) -> tuple[ControlRecords, FlowRecords]:
    """Run one replication and return what control recorded and what the plane measured.

    ``progress`` is called with the simulated nanoseconds, some hundred times. The same Plan and
    plane give equal records, whatever the machine. Nothing is cut off at the end of the window:
    sessions under way stay ``running``.
    """
    before_ns = max((work.runs_before_ns for work in plan.work), default=0)
    replication = Replication(plan, plane, opens_ns=-before_ns)
    probes = Probes(replication)
    pump = Pump(replication.environment, plane, replication.wake)
    # Connections come first: their probes also judge the transfers on the same path.
    for connection in plan.connections:
        Probing(replication, probes, connection).start()
    workflows = [WORKFLOWS[type(work)](replication, probes, work) for work in plan.work]
    for workflow in workflows:
        workflow.start()
    pump.run(plan.duration_ns, progress)
    for workflow in workflows:
        workflow.finish()
    return replication.records(pump.control_events), plane.finish()
