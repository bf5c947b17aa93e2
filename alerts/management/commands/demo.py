"""`manage.py demo`: an agency with two clients of a simulated Amazon: their scorecards and prices."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from alerts.demo import cast, day, prices, steps
from alerts.demo.api import API, DemoFailed
from alerts.demo.hook import ORIGIN, Hook
from alerts.demo.show import scorecard_table
from alerts.demo.suggestions import suggestions
from alerts.demo.why import why_the_margin_moved
from alerts.demo.world import DAYS, DemoTooOld, World, open_world
from config import embedded, env
from config.lib import clock
from config.lib.calendars import Period, PeriodKind
from config.processes import Interrupted, Process, ProcessFailed, Supervisor
from config.serving import PortTaken, processes
from connectors.registry import PLATFORMS
from pricing.selectors.fee_parameters import list_parameters
from tenants.services.fx import request_reference_rates
from tenants.services.people import create_owner, name_provider

_Stores = dict[str, list[dict[str, Any]]]


class Command(BaseCommand):
    """Starts everything, fills it through the HTTP API, prints scorecards and prices, serves until Ctrl-C."""

    help = __doc__
    # Checking the whole product takes as long as loading its API, which is left to the API.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and whether to go on serving."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--serve", type=int, choices=(0, 1), default=1, help="0: exit after printing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the demo; safe to run again, and quicker then."""
        self._started = time.monotonic()
        embedded.ensure_started()
        try:
            self._play(options["host"], options["port"], is_serving=bool(options["serve"]))
        except Interrupted:
            return
        except (DemoFailed, DemoTooOld, PortTaken, ProcessFailed) as error:
            raise CommandError(str(error)) from error
        finally:
            embedded.stop_started()

    def _play(self, host: str, port: int, *, is_serving: bool) -> None:
        # What each of the processes to come would load by itself at its first task.
        PLATFORMS.all()
        list_parameters(clock.today("UTC"))
        world = open_world(settings.VAR_DIR)
        url = f"http://{host}:{port}"
        with Hook() as hook, Supervisor(settings.VAR_DIR / "log") as supervisor, supervisor.signals():
            _lead_to(world, hook)
            self._say("starting the simulator, API, worker and beat; preparing the database")
            api_and_worker, beat = _split(processes(host=host, port=port, api_workers=1, concurrency=8))
            for process in (world.process(), *api_and_worker):
                supervisor.start(process)
            # Programs load while the database is made ready; beat must not find it unready.
            call_command("migrate", verbosity=0)
            name_provider(name=cast.AGENCY, reporting_currency="USD")
            create_owner(email=cast.OWNER, name="Demo owner", password=cast.PASSWORD)
            supervisor.wait_ready()
            supervisor.start(beat)
            self._say("ready")
            with API(url) as api:
                api.log_in(cast.OWNER, cast.PASSWORD)
                accounts = world.ask("accounts")["accounts"]
                stores = self._fill(api, world, accounts)
                busiest = _busiest(world, stores)
                self._say(f"{busiest}: asking what its prices should be")
                priced = prices.price(api, busiest, stores[busiest], world.end - timedelta(days=DAYS))
                self._say(f"{busiest}: {len(priced.items)} listings looked at")
                alerts = day.play(api, stores)
                self._say(f"alerts: the last days lived again, {len(hook.heard)} webhooks received")
                self._show(api, stores, world, busiest)
                for line in suggestions(busiest, priced):
                    self.stdout.write(line)
                self._show_plants(world)
                for line in day.day_of_alerts(api, stores, alerts, world.ask("plants")["plants"]):
                    self.stdout.write(line)
            self._guide(url, [account["key"] for account in accounts])
            if is_serving:
                self.stdout.write("Serving until Ctrl-C.")
                supervisor.run()

    def _fill(self, api: API, world: World, accounts: list[dict[str, Any]]) -> _Stores:
        rates = request_reference_rates()
        new = steps.request_clients(api, accounts)
        steps.await_rates(api, rates.id)
        stores: _Stores = {}
        for account in accounts:
            client = account["key"]
            if client in new:
                steps.await_client(api, client, new[client])
            stores[client] = steps.connect_stores(api, account)
            how = "created" if client in new else "is there already"
            self._say(f"{client}: {how}, {len(stores[client])} stores")
            if client in new:
                rows = world.ask("cost-sheets", {"account": client})["rows"]
                self._say(f"{client}: {steps.upload_costs(api, client, rows)} cost sheets uploaded")
        started = steps.start_syncs(api, stores)
        steps.await_syncs(api, started, self._say)
        for client in started:
            steps.await_measures(api, client)
        self._say("measures rolled up")
        for client, found in stores.items():
            steps.apply_templates(api, client, found, world.end - timedelta(days=DAYS))
        return stores

    def _show(self, api: API, stores: _Stores, world: World, busiest: str) -> None:
        week = _last_complete_week(world)
        for client, found in stores.items():
            self.stdout.write(f"\n=== {client} ===")
            for store in found:
                card = api.get(
                    f"/clients/{client}/scorecards/weekly", {"period": week.id, "store": str(store["id"])}
                )
                for line in scorecard_table(card):
                    self.stdout.write(line)
                self.stdout.write("")
        for line in why_the_margin_moved(api, busiest, week.id):
            self.stdout.write(line)

    def _show_plants(self, world: World) -> None:
        plants = world.ask("plants")["plants"]
        self.stdout.write("\nWhat was planted in the simulated market, to be found in the numbers above:")
        for plant in plants:
            self.stdout.write(f"  {plant['store']} from {plant['start']}: {plant['cause']}")

    def _guide(self, url: str, clients: list[str]) -> None:
        people = [(cast.OWNER, "owns the deployment")]
        people += [(login.email, login.role) for client in clients for login in cast.logins_of(client)]
        self.stdout.write(f"\nLogins (password {cast.PASSWORD}):")
        for email, role in dict(people).items():
            self.stdout.write(f"  {email:<28} {role}")
        self.stdout.write(f"Try the API:  {url}/api/docs\nRead the API: {url}/api/redoc")
        self._say("done")

    def _say(self, text: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self._started:5.1f} s] {text}")
        sys.stdout.flush()


def _busiest(world: World, clients: Iterable[str]) -> str:
    """The client to whom most was done in the simulated market."""
    plants = world.ask("plants")["plants"]
    return max(clients, key=lambda client: sum(each["store"].startswith(f"{client}-") for each in plants))


def _lead_to(world: World, hook: Hook) -> None:
    """Send this process's connectors, and those of the processes it starts, to the simulated marketplace,
    and webhooks to the demo's own receiver.

    Read as any environment is, so that production refuses it.
    """
    os.environ.update(world.env({ORIGIN: hook.base_url}))
    settings.PLATFORM_ENDPOINTS = env.read(env.current().mode, os.environ).platform_endpoints


def _split(found: list[Process]) -> tuple[list[Process], Process]:
    """What is started first, and beat."""
    *first, beat = found
    return first, beat


def _last_complete_week(world: World) -> Period:
    """The last week that is over in every store."""
    known: date = min(clock.today("UTC"), world.end + timedelta(days=60)) - timedelta(days=1)
    week = Period.containing(known, PeriodKind.WEEK)
    return week if week.end <= known else week.previous()
