"""The scenario blocks a user writes, one file for each workflow."""

from telemedsim.model.workflows.archiving import Archiving
from telemedsim.model.workflows.broadcast import Broadcast, Show
from telemedsim.model.workflows.consultation import Consultation
from telemedsim.model.workflows.examination import Examination
from telemedsim.model.workflows.image_reading import ImageReading
from telemedsim.model.workflows.lesson import Lesson
from telemedsim.model.workflows.monitoring import Monitoring
from telemedsim.model.workflows.morning_reading import MorningReading
from telemedsim.model.workflows.online_consultation import OnlineConsultation
from telemedsim.model.workflows.remote_reporting import RemoteReporting
from telemedsim.model.workflows.replication import StudyReplication
from telemedsim.model.workflows.study_upload import StudyUpload

__all__ = [
    "Archiving",
    "Broadcast",
    "Consultation",
    "Examination",
    "ImageReading",
    "Lesson",
    "Monitoring",
    "MorningReading",
    "OnlineConsultation",
    "RemoteReporting",
    "Show",
    "StudyReplication",
    "StudyUpload",
]
