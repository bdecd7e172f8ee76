"""Time and names from the machine."""

from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds

__all__ = ["SystemClock", "SystemIds"]
