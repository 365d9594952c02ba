"""Makes events.hex with TensorBoard's own record writer. Needs: pip install tensorboard"""
import io, pathlib
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

at = 1_700_000_000.25
file = io.BytesIO()
writer = RecordWriter(file)
writer.write(Event(wall_time=at, step=0, file_version="brain.Event:2").SerializeToString())
for tag, step, value in [("loss", 300, 0.1), ("größe", 7, -2.5)]:
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
    writer.write(Event(wall_time=at, step=step, summary=summary).SerializeToString())
pathlib.Path("events.hex").write_text(file.getvalue().hex() + "\n")
