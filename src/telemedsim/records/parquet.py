"""Tables as Parquet, with the unit and meaning of each column in its metadata."""

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from telemedsim.records.schema import SCHEMA_VERSION, TABLES
from telemedsim.records.tables import typed

LARGEST_TABLE_BYTES = 8 * 2**30
"""A guard against small files that unpack to more than a machine holds."""

_ARROW = {
    "int64": pa.int64(),
    "float64": pa.float64(),
    "string": pa.string(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "bool": pa.bool_(),
}


def parquet_bytes(table: str, frame: pd.DataFrame) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    frame = typed(table, frame)
    schema = pa.schema(
        [
            pa.field(
                name,
                _ARROW[column.dtype],
                metadata={"unit": column.unit, "meaning": column.meaning},
            )
            for name, column in TABLES[table].items()
        ],
        metadata={"telemedsim_table": table, "telemedsim_schema": str(SCHEMA_VERSION)},
    )
    arrays = []
    for name, column in TABLES[table].items():
        # A missing float is NaN in memory and null on disk, so that other readers see it as missing.
        arrays.append(pa.array(frame[name], type=_ARROW[column.dtype], from_pandas=True))
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return sink.getvalue()


def frame_of(table: str, content: bytes) -> pd.DataFrame:
    """Return the table that a Parquet file holds.

    Raises ValueError (pyarrow's errors are ValueErrors or OSErrors) for a file that is damaged, too
    large, or of other columns.
    """
    file = pq.ParquetFile(io.BytesIO(content))
    meta = file.metadata
    size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    if size > LARGEST_TABLE_BYTES:
        raise ValueError(f"unpacks to {size} bytes, more than {LARGEST_TABLE_BYTES}")
    names = file.schema_arrow.names
    if names != list(TABLES[table]):
        raise ValueError(f"has the columns {names} instead of {list(TABLES[table])}")
    return typed(table, file.read().to_pandas())
