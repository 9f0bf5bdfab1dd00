package chat.magpie.kernel;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Says what a configuration setting does, with its unit and limits. `docs/configuration.md` and
/// `config.example.yaml` are generated from it, and a setting without one fails the build.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Setting {
  /// One or two sentences for the person who sets it.
  String value();

  /// The least value of a number, or of a time in milliseconds.
  long min() default 0;

  /// The greatest value of a number.
  long max() default Long.MAX_VALUE;
}
