"""The ONNX graphs in ONNX Runtime on the CPU, beside the command's codes and the twin."""

import sys

import numpy as np
import onnxruntime
import pytest
import soundfile
from conftest import ROOT, run
from safetensors.torch import load_file

from sotto_training.graphs.graph import Graph
from sotto_training.graphs.source import noise
from sotto_training.graphs.state import State
from sotto_training.model.offline import decode, encode, noise_at, pad
from sotto_training.model.weights import load_exported
from sotto_training.release import __main__ as release
from sotto_training.release import onnx

SENTENCES = sorted(path.stem for path in (ROOT / "Samples").glob("*.flac"))
SMALL = ROOT / "Tests/SottoTests/Fixtures/level-model.safetensors"


class Graphs:
    """The encoder and the decoder of a model, with streams of one or more token frames a step."""

    def __init__(self, model, folder):
        self.folder = folder
        run(onnx, "--model", model, "--out", folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"]) for name in ("encoder", "decoder"))
        self.about = self.encoder.get_modelmeta().custom_metadata_map
        self.frame = int(self.about["frame_size"])

    def encode(self, pcm, counts, size: int | None = None):
        """pcm [batch, samples], counts [batch] -> codes [batch, frames, codebooks], levels [batch, frames], in steps of `size` frames."""
        step, state, results = size * self.frame if size else pcm.shape[1], self.beginning(self.encoder, len(pcm)), []
        for start in range(0, pcm.shape[1], step):
            *made, state = self.encoder.run(None, {"pcm": pcm[:, start: start + step], "counts": np.array(counts), "state": state})
            results.append(made)
        return [np.concatenate(parts, 1) for parts in zip(*results)]

    def decode(self, codes, levels, size: int | None = None):
        """codes [batch, frames, codebooks], levels [batch, frames] -> pcm [batch, samples], in steps of `size` frames."""
        codes, levels = np.asarray(codes, np.int64), np.asarray(levels, np.int64)
        step, state, results = size or codes.shape[1], self.beginning(self.decoder, len(codes)), []
        for start in range(0, codes.shape[1], step):
            pcm, state = self.decoder.run(None, {"codes": codes[:, start: start + step], "levels": levels[:, start: start + step], "state": state})
            results.append(pcm)
        return np.concatenate(results, 1)

    def beginning(self, session, batch: int):
        return np.zeros((batch, session.get_inputs()[-1].shape[1]))


@pytest.fixture(scope="module", params=["sotto-16k", "sotto-16k-6hz"])
def shipped(request, tmp_path_factory):
    return Graphs(ROOT / f"Models/{request.param}.safetensors", tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return Graphs(SMALL, tmp_path_factory.mktemp("small"))


def sentence(name: str) -> np.ndarray:
    return soundfile.read(ROOT / f"Samples/{name}.flac", dtype="float32")[0]


def wanted(graphs: Graphs, name: str):
    """What the command says of a sentence: its codes with 8 of them, with 4, and the levels."""
    tensors = load_file(ROOT / "Training/tests/command.safetensors")
    return [tensors[f"{graphs.about['model']}.{name}.{what}"].numpy() for what in ("8", "4", "levels")]


def together(audios, frame: int) -> np.ndarray:
    """A batch of them, with silence behind all: [batch, samples], whole frames."""
    longest = -(-(max(map(len, audios)) + 320) // frame) * frame
    return np.stack([np.pad(audio, (0, longest - len(audio))) for audio in audios])


def test_codes_are_the_commands(shipped):
    pcm = together([sentence(name) for name in SENTENCES], shipped.frame)
    (many, levels), (few, _) = (shipped.encode(pcm, [count] * len(pcm)) for count in (8, 4))
    same = []
    for row, name in enumerate(SENTENCES):
        eight, four, numbers = wanted(shipped, name)
        assert (levels[row, :len(numbers)] == numbers).all()
        assert (few[row, :, 4:] == -1).all()
        same += [(many[row, :len(eight)] == eight).all(1), (few[row, :len(four), :4] == four).all(1)]
    same = np.concatenate(same)
    assert len(same) > 200 and same.mean() >= 0.999


def test_samples_are_the_commands(shipped):
    recording = {"sotto-16k": "decoded/campfire-500", "sotto-16k-6hz": "decoded/campfire-250-6hz"}[shipped.about["model"]]
    _, four, levels = wanted(shipped, "campfire")
    codes, decoded = np.pad(four, ((0, 0), (0, 4)), constant_values=-1), sentence(recording)
    audio = shipped.decode(codes[None], levels[None])[0]
    np.testing.assert_allclose(audio[320:][:len(decoded)], decoded, atol=1e-3, rtol=0)


def test_a_model_without_rounding_says_what_the_twin_says(small):
    """With rounding, what falls to the other side of a half by an order of summation leads the twin and the product apart."""
    codec, audio = load_exported(SMALL), sentence("campfire")[:32000]
    told = encode(codec, audio)
    codes, levels = small.encode(pad(codec, audio)[None], [2])
    assert (codes[0] == told["codes"].numpy()).all(1).mean() >= 0.999
    assert (levels[0] == told["volume"].numpy()).all() and len(set(levels[0])) > 1
    spoken = decode(codec.double(), told["codes"], len(audio), volume=told["volume"])
    assert np.abs(spoken).max() > 0.1
    np.testing.assert_allclose(small.decode(codes, levels)[0, 320:][:len(audio)], spoken, atol=1e-3, rtol=0)


@pytest.mark.parametrize("size", [1, 3])
def test_a_stream_says_what_the_whole_says(shipped, size):
    pcm = together([sentence("strikes"), sentence("sermons")], shipped.frame)
    whole, parts = shipped.encode(pcm, [8, 2]), shipped.encode(pcm, [8, 2], size)
    for one, other in zip(whole, parts):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(shipped.decode(*whole), shipped.decode(*whole, size), atol=1e-5, rtol=0)


def test_rows_of_a_batch_are_streams_of_their_own(shipped):
    pcm = together([sentence("strikes"), sentence("sermons")], shipped.frame)
    codes, levels = shipped.encode(pcm, [8, 2])
    alone, level = shipped.encode(pcm[1:], [2])
    np.testing.assert_array_equal(codes[1:], alone)
    np.testing.assert_array_equal(levels[1:], level)
    np.testing.assert_allclose(shipped.decode(codes, levels)[1:], shipped.decode(alone, level), atol=1e-5, rtol=0)


def test_what_is_no_sample_is_silence_or_full_scale(small):
    pcm = together([sentence("strikes")], small.frame)
    odd, clean = pcm.copy(), pcm.copy()
    odd[0, 5000:5003], clean[0, 5000:5003] = (np.nan, np.inf, -np.inf), 0
    odd[0, 9000:9002], clean[0, 9000:9002] = (3, -1e30), (1, -1)
    for one, other in zip(small.encode(odd, [2]), small.encode(clean, [2])):
        np.testing.assert_array_equal(one, other)


def test_noise_is_that_of_the_place():
    graph = Graph("noise")
    state = State(graph)
    graph.output("noise", noise(graph, state, graph.input("hops", np.float64, ["batch", "hops", 1]), 160), ["batch", "samples"])
    state.finish()
    session = onnxruntime.InferenceSession(graph.model({}, "").SerializeToString(), providers=["CPUExecutionProvider"])
    for place in (0, 2**31 - 200, 2**45 + 12345):
        made, after = session.run(None, {"hops": np.zeros((1, 3, 1)), "state": np.full((1, 1), float(place))})
        np.testing.assert_array_equal(made[0], noise_at(place, 480))
        assert after[0, 0] == place + 480


def test_the_code_of_the_page_decodes_what_it_encodes(shipped):
    code = (ROOT / "Docs/onnx.md").read_text().split("```python\n")[1].split("```")[0]
    told = {}
    exec(code.replace("FOLDER", str(shipped.folder)).replace("speech.flac", str(ROOT / "Samples/campfire.flac")), told)
    eight, _, levels = wanted(shipped, "campfire")
    np.testing.assert_allclose(told["audio"], shipped.decode(eight[None], levels[None])[0, 320:], atol=1e-5, rtol=0)


def test_graphs_say_what_they_are(shipped):
    assert shipped.about == shipped.decoder.get_modelmeta().custom_metadata_map
    assert [shipped.about[name] for name in ("sample_rate", "delay", "codebooks", "codebook_size", "nominal_level")] == [
        "16000", "320", "8", "1024", "40"]


def test_what_cannot_be_written_is_refused_in_a_line(tmp_path, monkeypatch):
    fixtures = ROOT / "Tests/SottoTests/Fixtures"
    for model, wrong in ((tmp_path / "none", "there is no model"), (fixtures / "byte-model.safetensors", "of an older kind")):
        monkeypatch.setattr(sys, "argv", ["release", "onnx", "--model", str(model), "--out", str(tmp_path)])
        with pytest.raises(SystemExit, match=wrong):
            release.main()
    monkeypatch.setattr(sys, "argv", ["release", "nothing"])
    with pytest.raises(SystemExit, match="one of .*onnx"):
        release.main()
