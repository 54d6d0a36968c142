"""Short pieces of clips, for tests that need a real clip."""

from pathlib import Path

import av


def cut_piece(clip: Path, to: Path, length_s: float) -> Path:
    """Write the first `length_s` seconds of a clip, its frames unchanged."""
    with av.open(clip) as source, av.open(to, "w") as out:
        film = source.streams.video[0]
        copy = out.add_stream_from_template(film)
        for packet in source.demux(film):
            if packet.dts is None or float(packet.pts * film.time_base) >= length_s:
                break
            packet.stream = copy
            out.mux(packet)
    return to
