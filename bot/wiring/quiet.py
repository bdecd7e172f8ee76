"""Quiet hours of the configuration, in the owner's zone."""

from datetime import datetime, timedelta, tzinfo

from bot.config.values import QuietHours


class QuietUntil:
    """Tells when quiet hours end; None outside of them."""

    def __init__(self, hours: QuietHours | None, zone: tzinfo) -> None:
        """Take the hours, None for never quiet."""
        self._hours, self._zone = hours, zone

    def __call__(self, now: datetime) -> datetime | None:
        """Return the end of the quiet hours that `now` is in."""
        local = now.astimezone(self._zone)
        if self._hours is None or not self._hours.covers(local.time()):
            return None
        end = local.replace(
            hour=self._hours.end.hour, minute=self._hours.end.minute, second=0, microsecond=0
        )
        return end if end > local else end + timedelta(days=1)
