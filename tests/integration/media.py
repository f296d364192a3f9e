"""Real audio files, made once per test run by the ffmpeg command line, and what ffmpeg thinks of others."""

import json
import pathlib
import struct
import subprocess


def ffmpeg(*arguments):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, timeout=300
    )


def probe(path):
    """The first audio stream and the format, as ffprobe tells them."""
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)],
        check=True,
        capture_output=True,
    )
    answer = json.loads(out.stdout)
    audio = [s for s in answer["streams"] if s["codec_type"] == "audio"][0]
    pictures = [s for s in answer["streams"] if s["codec_type"] == "video"]
    return {"audio": audio, "pictures": pictures, "format": answer["format"]}


def decode_errors(path):
    """What `ffmpeg -v error` says while it decodes the whole file; empty: nothing is wrong."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "null", "-"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stderr + ("" if done.returncode == 0 else f"exit {done.returncode}")


def samples(path, channels=2, rate=None):
    """Interleaved 16-bit samples of the decoded file."""
    rate_flags = ["-ar", str(rate)] if rate else []
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "s16le", "-ac", str(channels), *rate_flags, "-"],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return struct.unpack(f"<{len(done.stdout) // 2}h", done.stdout)


class Media:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def make(self, name, *arguments):
        path = self.folder / name
        if not path.exists():
            ffmpeg(*arguments, path)
        return path

    def wav(self, seconds=3, rate=44100, channels=2, codec="pcm_s16le", frequency=440):
        """A sine on a little noise: compressible, but not trivially."""
        source = f"sine=f={frequency}:r={rate}:d={seconds}"
        noise = f"anoisesrc=r={rate}:d={seconds}:a=0.01:seed=1"
        return self.make(
            f"tone-{seconds}-{rate}-{channels}-{codec}-{frequency}.wav",
            *("-f", "lavfi", "-i", source, "-f", "lavfi", "-i", noise),
            *("-filter_complex", "amix=2:normalize=0", "-ac", channels, "-c:a", codec),
        )

    def encoded(self, extension, seconds=3, *flags):
        name = f"tone-{seconds}{'-'.join(flags).replace('/', '_').replace(':', '_')}.{extension}"
        return self.make(name, "-i", self.wav(seconds), *flags)

    def damaged(self, name="damaged.mp3", seconds=10):
        """An MP3 of which 400 bytes in the middle were overwritten."""
        path = self.folder / name
        content = bytearray(self.encoded("mp3", seconds).read_bytes())
        middle = len(content) // 2
        content[middle : middle + 400] = b"\x5a" * 400
        path.write_bytes(content)
        return path

    def without_length(self, seconds=40):
        """An MP3 of varying bit rate as ffmpeg writes it into a pipe: nothing in it tells how long it is. Its first half is
        a tone and its second one noise, so that an estimate from the bit rate is far off."""
        half = seconds / 2
        return self.make(
            f"piped-{seconds}.mp3",
            *("-f", "lavfi", "-i", f"sine=f=440:r=44100:d={half}"),
            *("-f", "lavfi", "-i", f"anoisesrc=r=44100:d={half}:a=0.3:seed=1"),
            *("-filter_complex", "concat=n=2:v=0:a=1", "-ac", 2, "-q:a", 4, "-write_xing", 0),
        )

    def picture(self):
        return self.make("cover.png", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-frames:v", "1")

    def with_cover(self, extension="mp3"):
        return self.make(
            f"cover.{extension}",
            *("-i", self.wav(), "-i", self.picture(), "-map", "0:a", "-map", "1:v", "-c:v", "copy"),
            *("-disposition:v", "attached_pic", "-metadata", "title=Fade Out", "-metadata", "artist=The Tests"),
        )
