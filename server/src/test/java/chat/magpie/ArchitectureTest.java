package chat.magpie;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.app.MagpieConfig;
import chat.magpie.kernel.Setting;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The rules that keep the tree readable; `ARCHITECTURE.md` explains them.
class ArchitectureTest {
  private static final String ROOT = "chat.magpie.";

  /// Which packages a package may use besides `kernel`; `app` may use all of them. Only `internal`
  /// packages may also use `sql` and `redis`.
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("kernel", Set.of()),
          Map.entry("sql", Set.of()),
          Map.entry("redis", Set.of()),
          Map.entry("limit", Set.of()),
          Map.entry("registry", Set.of()),
          Map.entry("identity", Set.of()),
          Map.entry("stream", Set.of("identity")),
          Map.entry("llm", Set.of("identity")),
          Map.entry("text", Set.of()),
          Map.entry("knowledge", Set.of("identity", "text", "llm")),
          Map.entry("character", Set.of("identity")),
          Map.entry("profile", Set.of("identity", "text", "llm", "conversation")),
          Map.entry("memory", Set.of("identity", "text", "llm", "conversation")),
          Map.entry("conversation", Set.of("identity", "character")),
          Map.entry("contact", Set.of("identity", "conversation")),
          Map.entry(
              "handover", Set.of("identity", "character", "conversation", "knowledge", "llm")),
          Map.entry("insight", Set.of("identity", "conversation", "handover", "llm")),
          Map.entry(
              "reply",
              Set.of(
                  "identity",
                  "character",
                  "conversation",
                  "handover",
                  "profile",
                  "memory",
                  "knowledge",
                  "text",
                  "llm",
                  "stream")),
          Map.entry(
              "demo", Set.of("identity", "contact", "conversation", "handover", "llm", "reply")),
          Map.entry("live", edge()),
          Map.entry("api", edge("live")),
          Map.entry("admin", edge("live", "api")));

  private static final Set<String> EDGES = Set.of("api", "admin", "live");
  private static final Set<String> STORES = Set.of("sql", "redis");

  private static final Set<String> ASYNCHRONOUS =
      Set.of(
          "java.util.concurrent.CompletableFuture",
          "java.util.concurrent.CompletionStage",
          "io.smallrye.mutiny.Uni",
          "io.smallrye.mutiny.Multi");

  private static final Pattern EMPTY_NAME =
      Pattern.compile(".*(Manager|Helper|Helpers|Util|Utils|Impl|Common|(?<!Knowledge)Base)");

  private static final Pattern PUBLIC_TYPE =
      Pattern.compile(
          "(?m)^public (?:(?:abstract|final|sealed|non-sealed|strictfp) )*"
              + "(?:class|interface|record|enum|@interface) ");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("chat.magpie");

  private static Set<String> edge(String... others) {
    Set<String> used =
        new HashSet<>(
            Set.of(
                "identity",
                "limit",
                "character",
                "conversation",
                "contact",
                "handover",
                "insight",
                "profile",
                "memory",
                "knowledge",
                "text",
                "llm",
                "stream",
                "reply"));
    used.addAll(List.of(others));
    return used;
  }

  @Test
  void packagesUseEachOtherOnlyAsDrawn() {
    List<String> violations = new ArrayList<>();
    forEachDependency((dependency, from, to) -> {
      boolean store = STORES.contains(to) && isInternal(dependency.getOriginClass());
      if (!to.equals("kernel") && !store && !mayUse(from).contains(to)) {
        violations.add(dependency.getDescription());
      }
    });
    assertThat(violations).isEmpty();
  }

  @Test
  void theDrawingHasNoCycle() {
    MAY_USE.keySet().forEach(start -> assertThat(reachable(start)).doesNotContain(start));
  }

  @Test
  void internalsAreTheirFeaturesOwn() {
    List<String> violations = new ArrayList<>();
    forEachDependency((dependency, from, to) -> {
      if (isInternal(dependency.getTargetClass())) {
        violations.add(dependency.getDescription());
      }
    });
    assertThat(violations).isEmpty();
  }

  @Test
  void kernelNeedsOnlyTheJdk() {
    classes()
        .that()
        .resideInAPackage("chat.magpie.kernel..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("chat.magpie.kernel..", "java..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void featuresArePlainJava() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "chat.magpie.app..", "chat.magpie.api..", "chat.magpie.admin..", "chat.magpie.live..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jakarta.enterprise..", "jakarta.inject..", "jakarta.ws.rs..")
        .check(CLASSES);
  }

  @Test
  void namesSaySomething() {
    assertThat(CLASSES.stream().map(JavaClass::getSimpleName))
        .filteredOn(name -> EMPTY_NAME.matcher(name).matches())
        .isEmpty();
  }

  @Test
  void noThreadLocals() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ThreadLocal.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.netty.util.concurrent.FastThreadLocal")
        .check(CLASSES);
  }

  @Test
  void publicSignaturesBlock() {
    List<String> violations = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      // `redis` is for internal packages only, and its commands are futures anyway.
      if (isInternal(type)
          || EDGES.contains(feature(type))
          || Set.of("app", "redis").contains(feature(type))) {
        continue;
      }
      for (JavaMethod method : type.getMethods()) {
        if (method.getModifiers().contains(JavaModifier.PUBLIC)
            && method.getAllInvolvedRawTypes().stream()
                .anyMatch(involved -> ASYNCHRONOUS.contains(involved.getName()))) {
          violations.add(method.getFullName());
        }
      }
    }
    assertThat(violations).isEmpty();
  }

  @Test
  void nothingIsInjectedIntoFields() {
    fields()
        .should()
        .notBeAnnotatedWith("jakarta.inject.Inject")
        .andShould()
        .notBeAnnotatedWith("org.eclipse.microprofile.config.inject.ConfigProperty")
        .check(CLASSES);
  }

  @Test
  void everySettingIsExplained() {
    List<String> unexplained = new ArrayList<>();
    collectUnexplained(MagpieConfig.class, new HashSet<>(), unexplained);
    assertThat(unexplained).isEmpty();
  }

  @Test
  void packagesAreNullMarked() {
    assertThat(CLASSES)
        .filteredOn(type -> !type.getSimpleName().equals("package-info"))
        .extracting(JavaClass::getPackage)
        .allSatisfy(
            home -> assertThat(home.isAnnotatedWith(NullMarked.class)).as(home.getName()).isTrue());
  }

  @Test
  void filesAreShortAndPublicTypesExplained() throws IOException {
    List<String> violations = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        List<String> lines = Files.readAllLines(file);
        if (lines.size() > 600) {
          violations.add(file + " has " + lines.size() + " lines");
        }
        for (int i = 0; i < lines.size(); i++) {
          if (PUBLIC_TYPE.matcher(lines.get(i)).find() && !isExplained(lines, i)) {
            violations.add(file + ":" + (i + 1) + " has no /// comment");
          }
        }
      }
    }
    assertThat(violations).isEmpty();
  }

  /// Whether a `///` comment stands above the line, annotations in between aside.
  private static boolean isExplained(List<String> lines, int type) {
    int i = type - 1;
    while (i >= 0 && !lines.get(i).isBlank() && !lines.get(i).startsWith("///")) {
      i--;
    }
    return i >= 0 && lines.get(i).startsWith("///");
  }

  private static void collectUnexplained(Type type, Set<Type> seen, List<String> unexplained) {
    if (type instanceof ParameterizedType generic) {
      for (Type argument : generic.getActualTypeArguments()) {
        collectUnexplained(argument, seen, unexplained);
      }
    }
    if (!isGroup(type) || !seen.add(type)) {
      return;
    }
    for (Method method : ((Class<?>) type).getMethods()) {
      if (!isGroup(method.getGenericReturnType()) && !method.isAnnotationPresent(Setting.class)) {
        unexplained.add(method.toString());
      }
      collectUnexplained(method.getGenericReturnType(), seen, unexplained);
    }
  }

  private static boolean isGroup(Type type) {
    return type instanceof Class<?> plain
        && plain.isInterface()
        && plain.getName().startsWith(ROOT);
  }

  private static void forEachDependency(DependencyCheck check) {
    for (JavaClass type : CLASSES) {
      String from = feature(type);
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().startsWith(ROOT)) {
          String to = feature(target);
          if (!from.equals(to) && !from.equals("app")) {
            check.see(dependency, from, to);
          }
        }
      }
    }
  }

  private static Set<String> mayUse(String feature) {
    return MAY_USE.getOrDefault(feature, Set.of());
  }

  private static Set<String> reachable(String start) {
    Set<String> seen = new HashSet<>();
    List<String> open = new ArrayList<>(mayUse(start));
    while (!open.isEmpty()) {
      String next = open.removeLast();
      if (seen.add(next)) {
        open.addAll(mayUse(next));
      }
    }
    return seen;
  }

  /// The package right below `chat.magpie`.
  private static String feature(JavaClass type) {
    String below = type.getPackageName().substring(ROOT.length());
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }

  private static boolean isInternal(JavaClass type) {
    return type.getPackageName().contains(".internal");
  }

  /// Looks at one dependency of a feature on another.
  @FunctionalInterface
  private interface DependencyCheck {
    void see(Dependency dependency, String from, String to);
  }
}
