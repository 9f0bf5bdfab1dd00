package chat.magpie.llm.internal;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;

/// A model in memory, ready to embed. Any number of threads may use it; after [#close] none.
final class OnnxEncoder implements AutoCloseable {
  /// Pieces that a model reads at once.
  static final int WINDOW = 512;

  /// A longer text is cut.
  static final int MOST_WINDOWS = 4;

  private final OnnxModel model;
  private final WordPieces pieces;
  private final OrtSession session;

  private OnnxEncoder(OnnxModel model, WordPieces pieces, OrtSession session) {
    this.model = model;
    this.pieces = pieces;
    this.session = session;
  }

  /// Reads a model; takes up to a second or so.
  ///
  /// @param threads that work at one text
  /// @throws IOException if it cannot be read, or not on this machine
  static OnnxEncoder open(OnnxModel model, int threads) throws IOException {
    try (InputStream vocabulary = resource(model.file() + "-tokenizer.json");
        InputStream weights = resource(model.file() + ".onnx");
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      options.setMemoryPatternOptimization(false);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return new OnnxEncoder(
          model,
          WordPieces.read(vocabulary),
          OrtEnvironment.getEnvironment().createSession(weights.readAllBytes(), options));
    } catch (OrtException | LinkageError e) {
      throw new IOException("The model " + model.space() + " cannot be loaded", e);
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream in = OnnxEncoder.class.getClassLoader().getResourceAsStream(name);
    if (in == null) {
      throw new IOException("There is no " + name + " on the class path");
    }
    return in;
  }

  OnnxModel model() {
    return model;
  }

  /// The vector of a text, of length 1. A text longer than a window is the mean of its windows,
  /// each as heavy as it is long; what is beyond the last window says nothing.
  ///
  /// @throws IOException if the model fails
  float[] encode(String text) throws IOException {
    int[] all = pieces.of(text, MOST_WINDOWS * (WINDOW - 2) + 2);
    int inner = all.length - 2;
    if (all.length <= WINDOW) {
      return normal(run(all));
    }
    float[] sum = new float[model.dimensions()];
    int windows = (inner + WINDOW - 3) / (WINDOW - 2);
    for (int i = 0; i < windows; i++) {
      int from = (int) ((long) inner * i / windows);
      int to = (int) ((long) inner * (i + 1) / windows);
      int[] window = new int[to - from + 2];
      window[0] = all[0];
      System.arraycopy(all, 1 + from, window, 1, to - from);
      window[window.length - 1] = all[all.length - 1];
      float[] part = normal(run(window));
      for (int d = 0; d < sum.length; d++) {
        sum[d] += part[d] * (to - from);
      }
    }
    return normal(sum);
  }

  private float[] run(int[] ids) throws IOException {
    long[] shape = {1, ids.length};
    long[] input = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      input[i] = ids[i];
    }
    long[] mask = new long[ids.length];
    Arrays.fill(mask, 1);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OnnxTensor tokens = OnnxTensor.createTensor(environment, LongBuffer.wrap(input), shape);
        OnnxTensor attention = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
        OnnxTensor types =
            OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[ids.length]), shape);
        OrtSession.Result result =
            session.run(
                Map.of(
                    "input_ids", tokens, "attention_mask", attention, "token_type_ids", types))) {
      float[] vector = new float[model.dimensions()];
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(vector);
      return vector;
    } catch (OrtException e) {
      throw new IOException("The model " + model.space() + " failed", e);
    }
  }

  static float[] normal(float[] vector) {
    double square = 0;
    for (float value : vector) {
      square += (double) value * value;
    }
    float factor = square == 0 ? 0 : (float) (1 / Math.sqrt(square));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
    return vector;
  }

  @Override
  public void close() throws IOException {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IOException("The model " + model.space() + " cannot be released", e);
    }
  }
}
