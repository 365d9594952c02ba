"""Reads with MLflow the store that TestExportMLflow keeps:

    go test ./results -run ExportMLflow -keep-mlflow /tmp/store
    MLFLOW_ALLOW_FILE_STORE=true python check_mlflow.py /tmp/store   # pip install mlflow-skinny
"""
import math, pathlib, sys

from mlflow.store.tracking.file_store import FileStore

store = FileStore(str(pathlib.Path(sys.argv[1]).absolute()))
experiment = store.get_experiment_by_name("a: b")
(run,) = store.search_runs([experiment.experiment_id], "", run_view_type=1)
assert run.info.run_name == "2026-11-24-a-b" and run.info.status == "RUNNING", run.info
assert run.data.params == {"train.batch": "32", "train.loss.focal.gamma": "2", "augment.0.rotate.by": "1"}, run.data.params
assert run.data.tags["fact.device"] == "cpu", run.data.tags
metrics = run.data.metrics
assert metrics["train/loss"] == 0.3 and metrics["final/test/loss"] == math.inf and math.isnan(metrics["final/test/auroc"]), metrics
(point,) = store.get_metric_history(run.info.run_id, "train/loss")
assert point.step == 100 and point.timestamp == run.info.start_time == 1795558501123, point
print("MLflow reads", len(metrics), "metrics,", len(run.data.params), "params,", len(run.data.tags), "tags")
