"""What control starts: frozen records for each participant of a scenario, numbers and parts only.

Times are nanoseconds, sizes bytes, rates bit/s; nodes and classes are named by index. Times of
day stand in the arrival parts; everything else counts from the opening of the window.
"""

from telemedsim.network.work.archiving import ArchivingWork, Night
from telemedsim.network.work.base import (
    Adaptation,
    ConnectionWork,
    Place,
    Probe,
    Sound,
    Video,
    Work,
)
from telemedsim.network.work.broadcast import BroadcastWork, Viewers
from telemedsim.network.work.consultation import ConsultationWork, ImagePush, Rooms
from telemedsim.network.work.examination import ExaminationWork
from telemedsim.network.work.imaging import (
    FetchWork,
    FrontEndProcessor,
    Licences,
    ReadingTime,
    ReadingWork,
    Roaming,
    UploadWork,
)
from telemedsim.network.work.lesson import LessonWork
from telemedsim.network.work.monitoring import MonitoringWork
from telemedsim.network.work.morning_reading import MorningReadingWork
from telemedsim.network.work.online_consultation import OnlineConsultationWork, Patients, Texting
from telemedsim.network.work.questions import Questions
from telemedsim.network.work.replication import RecoveryWork, ReplicationWork
from telemedsim.network.work.reporting import Readers, ReportingWork

__all__ = [
    "Adaptation",
    "ArchivingWork",
    "BroadcastWork",
    "ConnectionWork",
    "ConsultationWork",
    "ExaminationWork",
    "FetchWork",
    "FrontEndProcessor",
    "ImagePush",
    "LessonWork",
    "Licences",
    "MonitoringWork",
    "MorningReadingWork",
    "Night",
    "OnlineConsultationWork",
    "Patients",
    "Place",
    "Probe",
    "Questions",
    "Readers",
    "ReadingTime",
    "ReadingWork",
    "RecoveryWork",
    "ReplicationWork",
    "ReportingWork",
    "Roaming",
    "Rooms",
    "Sound",
    "Texting",
    "UploadWork",
    "Video",
    "Viewers",
    "Work",
]
