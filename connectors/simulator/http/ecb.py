"""The European Central Bank's reference rate files, from the world's rates."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.simulator.http.messages import Answer
from connectors.simulator.world import World

PATHS = {
    "/stats/eurofxref/eurofxref-daily.xml": 1,
    "/stats/eurofxref/eurofxref-hist-90d.xml": 100,
}
_FRANKFURT = ZoneInfo("Europe/Berlin")


def serve(world: World, path: str, at: datetime) -> Answer:
    """The rates published by now (a day's at 16:00 Frankfurt time), newest day first.

    The long file reaches back a hundred days, so that it covers a backfill of ninety whatever weekday it
    begins on; the real one has about ninety.
    """
    known = [
        day
        for day in world.rates
        if datetime.combine(day, time(16), tzinfo=_FRANKFURT) <= at and day >= at.date() - timedelta(days=100)
    ]
    days = sorted(known, reverse=True)
    if PATHS[path] == 1:
        days = days[:1]
    cubes = "".join(
        f'\n\t\t<Cube time="{day}">'
        + "".join(
            f"\n\t\t\t<Cube currency='{code}' rate='{rate}'/>" for code, rate in world.rates[day].items()
        )
        + "\n\t\t</Cube>"
        for day in days
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
        'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
        "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
        "\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n"
        f"\t<Cube>{cubes}\n\t</Cube>\n</gesmes:Envelope>\n"
    )
    return Answer(200, text.encode(), {"content-type": "text/xml"})
