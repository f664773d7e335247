"""One asset per SQL file of `warehouse/`: seeds, core and marts."""

import dagster as dg

from pipelines.lib.assets import model_asset
from pipelines.lib.sql_model import load_models

defs = dg.Definitions(assets=[model_asset(model) for model in load_models()])
