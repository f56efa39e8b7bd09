package tinker;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.ObjectInputStream;
import java.lang.reflect.Executable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The order of the packages: which may use which. */
class ArchitectureTest {
  /** For each package those that it may use; one that is not listed may use none and fails. */
  private static final Map<String, Set<String>> MAY_USE =
      new TreeMap<>(
          Map.of(
              "text", Set.of(),
              "data", Set.of("text"),
              "nn", Set.of(),
              "train", Set.of("text", "data", "nn"),
              "model", Set.of("text", "nn"),
              "matching", Set.of("text", "nn"),
              "generate", Set.of("text", "model"),
              "plot", Set.of("text", "data", "nn", "train", "model", "matching", "generate"),
              "notebook",
                  Set.of("text", "data", "nn", "train", "model", "matching", "generate", "plot")));

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("tinker");
    assertThat(classes.contain("tinker.text.Vocabulary")).isTrue();
  }

  static Set<String> packages() {
    return MAY_USE.keySet();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyThoseBelowIt(String name) {
    String[] forbidden =
        MAY_USE.keySet().stream()
            .filter(
                other ->
                    !other.equals(name) && !MAY_USE.getOrDefault(name, Set.of()).contains(other))
            .map(other -> "tinker." + other + "..")
            .toArray(String[]::new);
    if (forbidden.length > 0) {
      noClasses()
          .that()
          .resideInAPackage("tinker." + name + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden)
          .allowEmptyShould(true)
          .check(classes);
    }
  }

  @Test
  void everyPackageIsListedAndDescribed() throws Exception {
    Set<String> found =
        classes.stream()
            .map(c -> c.getPackageName())
            .filter(p -> p.startsWith("tinker."))
            .collect(Collectors.toSet());
    assertThat(found.stream().map(p -> p.split("\\.")[1]).collect(Collectors.toSet()))
        .isSubsetOf(MAY_USE.keySet());
    for (String name : found) {
      JavaPackage described = classes.getPackage(name);
      assertThat(described.getPackageInfo().getAnnotations())
          .as("%s is null-marked by its package-info", name)
          .anyMatch(a -> a.getRawType().getSimpleName().equals("NullMarked"));
      Path info = Path.of("src/main/java", name.replace('.', '/'), "package-info.java");
      assertThat(Files.readString(info)).as("%s says what to open first", info).startsWith("/**");
    }
  }

  @Test
  void theLibraryPrintsNothing() {
    // What a notebook shows, it shows by its display. The other two are for terminals.
    noClasses()
        .that()
        .resideOutsideOfPackages("tinker.notebook..")
        .and()
        .doNotHaveFullyQualifiedName("tinker.train.TerminalProgress")
        .and()
        .doNotHaveFullyQualifiedName("tinker.generate.WriteText")
        .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
        .check(classes);
  }

  @Test
  void onePlaceDecidesTheDevice() {
    // What reads sizes where the card has no memory left, and what compares a card with the CPU.
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("tinker.nn.Compute")
        .and()
        .doNotHaveFullyQualifiedName("tinker.nn.Machine")
        .and()
        .doNotHaveFullyQualifiedName("tinker.train.StepMemory")
        .and()
        .doNotHaveFullyQualifiedName("tinker.notebook.GpuSetup")
        .should()
        .callMethodWhere(
            describe(
                "names a device",
                call ->
                    call.getTargetOwner().isEquivalentTo(Device.class)
                        && Set.of("gpu", "cpu", "of").contains(call.getName())))
        .check(classes);
  }

  @Test
  void textKnowsNothingOfTheEngine() {
    noClasses()
        .that()
        .resideInAPackage("tinker.text..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..", "tech.tablesaw..", "org.knowm..")
        .check(classes);
  }

  @Test
  void theRuleWouldNoticeAnArrowAgainstTheOrder() {
    // A rule that cannot fail proves nothing: data does use text.
    assertThat(
            noClasses()
                .that()
                .resideInAPackage("tinker.data..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tinker.text..")
                .evaluate(classes)
                .hasViolation())
        .isTrue();
    assertThat(Arrays.stream(new String[] {"text", "nn"}).map(MAY_USE::get)).containsOnly(Set.of());
  }

  /** A file is numbers and texts: what reads one has nothing by which the file could name code. */
  @Test
  void noFileCanNameCodeToRun() {
    var code =
        describe(
            "load or start code",
            (JavaClass c) ->
                Stream.of(
                        ObjectInputStream.class,
                        ClassLoader.class,
                        Executable.class, // Method, Constructor
                        ProcessBuilder.class)
                    .anyMatch(c::isAssignableTo));
    noClasses()
        .that()
        .resideOutsideOfPackage("tinker.notebook..")
        .should()
        .dependOnClassesThat(code)
        .orShould()
        .callMethod(Class.class, "forName", String.class)
        .orShould()
        .callMethod(Runtime.class, "exec", String.class)
        .orShould()
        .callMethod(Runtime.class, "exec", String[].class)
        .check(classes);
  }
}
