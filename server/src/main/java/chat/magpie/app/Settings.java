package chat.magpie.app;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Every setting there is, read off the configuration interfaces.
final class Settings {
  private Settings() {}

  /// All settings, by name; `IllegalStateException` where one has no description.
  static List<SettingInfo> all() {
    List<SettingInfo> found = new ArrayList<>();
    collect("", MagpieConfig.class, found);
    found.sort(Comparator.comparing(SettingInfo::name));
    return List.copyOf(found);
  }

  private static void collect(String prefix, Class<?> slice, List<SettingInfo> found) {
    Arrays.stream(slice.getMethods())
        .filter(method -> !method.isSynthetic())
        .forEach(method -> collect(prefix + snakeCase(method.getName()), method, found));
  }

  private static void collect(String name, Method method, List<SettingInfo> found) {
    Class<?> type = method.getReturnType();
    if (type == Map.class) {
      collect(name + ".*.", argument(method, 1), found);
    } else if (type.isInterface() && type.getName().startsWith("chat.magpie.")) {
      collect(name + ".", type, found);
    } else {
      found.add(setting(name, method));
    }
  }

  private static SettingInfo setting(String name, Method method) {
    Setting setting = method.getAnnotation(Setting.class);
    if (setting == null) {
      throw new IllegalStateException("The setting " + name + " has no @Setting");
    }
    boolean optional = method.getReturnType() == Optional.class;
    Class<?> type = optional ? argument(method, 0) : method.getReturnType();
    WithDefault fallback = method.getAnnotation(WithDefault.class);
    return new SettingInfo(
        name,
        SettingType.of(type, setting.min(), setting.max()),
        !optional && fallback == null,
        Optional.ofNullable(fallback).map(WithDefault::value),
        setting.value());
  }

  private static Class<?> argument(Method method, int index) {
    Type[] arguments = ((ParameterizedType) method.getGenericReturnType()).getActualTypeArguments();
    return (Class<?>) arguments[index];
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
