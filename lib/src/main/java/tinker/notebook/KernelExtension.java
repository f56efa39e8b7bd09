package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import java.io.PrintStream;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.knowm.xchart.internal.chartpart.Chart;
import tech.tablesaw.api.Table;
import tinker.model.Evaluation;
import tinker.model.LanguageModel;
import tinker.nn.Trainable;
import tinker.plot.Html;
import tinker.plot.Picture;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;
import tinker.train.Doctor;
import tinker.train.Fit;
import tinker.train.History;
import tinker.train.Progress;

/**
 * Teaches the JJava kernel to show arrays, tables, pictures, models and training progress. The
 * kernel finds this class by itself when the library is on its class path; no notebook names it.
 */
public final class KernelExtension implements Extension {
  private static final List<Class<?>> SHOWN =
      List.of(
          NDArray.class,
          Table.class,
          Picture.class,
          Html.class,
          Chart.class,
          Block.class,
          Trainable.class,
          LanguageModel.class,
          Vocabulary.class,
          Corpus.class,
          Split.class,
          Evaluation.class,
          History.class,
          Fit.class,
          Verdict.class,
          Doctor.Report.class,
          List.class,
          // What printf returns; a cell that ends with it has shown all it has to show.
          PrintStream.class);

  @Override
  public void install(BaseKernel kernel) {
    System.setProperty("java.awt.headless", "true");
    registerAll(kernel.getRenderer());
    Screen.use(new Page(kernel));
    Progress.use(PageProgress::new);
  }

  @Override
  public void uninstall(BaseKernel kernel) {
    Screen.use(new Screen.Terminal());
  }

  /** Installs into the kernel that runs this code, if it is JJava and has not loaded this class. */
  static void installIfMissing() {
    if (Screen.isPage()) {
      return;
    }
    try {
      new KernelExtension().install(BaseKernel.notebookKernel());
    } catch (NullPointerException e) {
      // JJava is on the class path, but does not run: outputs stay text.
    }
  }

  static void registerAll(Renderer renderer) {
    for (Class<?> type : SHOWN) {
      register(renderer, type);
    }
  }

  private static <T> void register(Renderer renderer, Class<T> type) {
    renderer
        .createRegistration(type)
        .preferring(MIMEType.TEXT_HTML, MIMEType.IMAGE_PNG)
        .register((value, context) -> fill(context.getOutputContainer(), Renderings.of(value)));
  }

  private static void fill(DisplayData data, Rich output) {
    data.putText(output.text());
    String html = output.html();
    if (html != null) {
      data.putHTML(html);
    }
    byte[] png = output.png();
    if (png != null) {
      data.putData(MIMEType.IMAGE_PNG, Base64.getEncoder().encodeToString(png));
      data.putMetaData(MIMEType.IMAGE_PNG, Map.of("width", output.width()));
    }
  }

  /** The page of the notebook that a kernel serves. */
  private static final class Page implements Screen {
    private final BaseKernel kernel;

    Page(BaseKernel kernel) {
      this.kernel = kernel;
    }

    @Override
    public void show(Rich output) {
      kernel.display(data(output));
    }

    @Override
    public Place place(Rich output) {
      String id = UUID.randomUUID().toString();
      DisplayData first = data(output);
      // Not setDisplayId, whose return type differs between releases of the kernel.
      first.putTransientData("display_id", id);
      kernel.display(first);
      return next -> kernel.getIO().display.updateDisplay(id, data(next));
    }

    private static DisplayData data(Rich output) {
      var data = new DisplayData();
      fill(data, output);
      return data;
    }
  }
}
