"""What a user sees while a job runs. (No postponed annotations here: Dagster reads that of `context` itself.)"""

import io

import dagster as dg
from rich.console import Console

from pipelines.lib.job_progress import JobProgress
from pipelines.lib.run import QUIET, JobOutcome, listener


def shown(progress: JobProgress) -> str:
    """The picture of this moment as text."""
    console = Console(file=io.StringIO(), width=150, record=True)
    console.print(*progress.get_renderables(), sep="\n")
    return console.export_text()


def test_messages_of_the_running_step_move_a_bar_of_their_own() -> None:
    progress = JobProgress("capture", 2, Console(file=io.StringIO()))
    pictures: list[str] = []

    @dg.asset
    def crawl(context: dg.AssetExecutionContext) -> None:
        context.log.info("page 312 of about 3,012 · [red]up to[/red] 312,000 models\x1b[2J\nand more")
        pictures.append(shown(progress))
        context.log.debug("page 999 of 999, for the developer")
        context.log.info("waiting for the next window")
        pictures.append(shown(progress))

    @dg.asset(deps=[crawl])
    def broken(context: dg.AssetExecutionContext) -> None:
        pictures.append(shown(progress))
        raise dg.Failure("out of order")

    outcome = JobOutcome(True)
    job = dg.Definitions(assets=[crawl, broken], jobs=[dg.define_asset_job("all")]).resolve_job_def("all")
    with dg.DagsterInstance.ephemeral() as instance:
        run_id = dg.DagsterRun(job_name="all").run_id
        instance.add_event_listener(run_id, listener(progress, outcome))
        job.execute_in_process(instance=instance, run_id=run_id, run_config=QUIET, raise_on_error=False)
    counting, waiting, second = pictures
    assert "capture: crawl" in counting and "0/2" in counting and "312/3012" in counting
    assert "page 312 of about 3,012 · [red]up to[/red] 312,000 models [2J and more" in counting
    assert "312/3012" in waiting and "waiting for the next window" in waiting and "999" not in waiting
    assert "capture: broken" in second and "1/2" in second
    assert "3012" not in second and "waiting" not in second
    assert outcome.failures == {"broken": "out of order"}
    assert "2/2" in shown(progress)
