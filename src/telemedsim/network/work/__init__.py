"""What control starts: frozen records for each participant of a scenario, numbers and parts only.

Times are nanoseconds, sizes bytes, rates bit/s; nodes and classes are named by index. Times of
day stand in the arrival parts; everything else counts from the opening of the window.
"""

from telemedsim.network.work.archiving import ArchivingWork, Night
from telemedsim.network.work.base import ConnectionWork, Place, Probe, Video, Work
from telemedsim.network.work.broadcast import BroadcastWork, Viewers
from telemedsim.network.work.consultation import ConsultationWork, ImagePush, Rooms
from telemedsim.network.work.imaging import FrontEndProcessor, ReadingWork, UploadWork

__all__ = [
    "ArchivingWork",
    "BroadcastWork",
    "ConnectionWork",
    "ConsultationWork",
    "FrontEndProcessor",
    "ImagePush",
    "Night",
    "Place",
    "Probe",
    "ReadingWork",
    "Rooms",
    "UploadWork",
    "Video",
    "Viewers",
    "Work",
]
