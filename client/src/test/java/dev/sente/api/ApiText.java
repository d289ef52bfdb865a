package dev.sente.api;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A module's public API as text: every type and member that users may name, inherit or call, with
 * generics and nullness, sorted. Names of types are without their packages.
 */
final class ApiText {

  private static final Set<String> OF_EVERY_OBJECT =
      Set.of("equals", "hashCode", "toString", "values", "valueOf");

  private final StringBuilder text = new StringBuilder();

  private ApiText() {}

  /** The API of the module that this class belongs to. */
  static String of(Class<?> anchor) throws IOException, URISyntaxException {
    var api = new ApiText();
    for (var name :
        classNames(anchor.getProtectionDomain().getCodeSource().getLocation().toURI())) {
      api.add(load(name, anchor.getClassLoader()));
    }
    return api.text.toString();
  }

  private static List<String> classNames(URI location) throws IOException {
    var path = Path.of(location);
    if (Files.isDirectory(path)) {
      return classNames(path);
    }
    try (var jar = FileSystems.newFileSystem(path, Map.of())) {
      return classNames(jar.getPath("/"));
    }
  }

  private static List<String> classNames(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
          .map(
              file ->
                  file.substring(0, file.length() - ".class".length()).replaceAll("[/\\\\]", "."))
          .sorted()
          .toList();
    }
  }

  private static Class<?> load(String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private void add(Class<?> type) {
    if (!isVisible(type)) {
      return;
    }
    text.append(header(type)).append('\n');
    var members = new ArrayList<String>();
    for (Class<?> from = type; from != null; from = hiddenParent(from)) {
      Stream.of(from.getDeclaredFields())
          .filter(ApiText::isVisible)
          .map(ApiText::field)
          .forEach(members::add);
      Stream.of(from.getDeclaredMethods())
          .filter(ApiText::isVisible)
          .map(ApiText::method)
          .forEach(members::add);
    }
    Stream.of(type.getDeclaredConstructors())
        .filter(ApiText::isVisible)
        .map(ApiText::constructor)
        .forEach(members::add);
    members.stream().sorted().distinct().forEach(m -> text.append("  ").append(m).append('\n'));
    text.append('\n');
  }

  /** A parent that users cannot name, and whose members are thereby the child's. */
  private static @Nullable Class<?> hiddenParent(Class<?> type) {
    var parent = type.getSuperclass();
    return parent == null || isVisible(parent) ? null : parent;
  }

  private static boolean isVisible(Class<?> type) {
    var outer = type.getEnclosingClass();
    return !type.isSynthetic()
        && !type.isAnonymousClass()
        && !type.isLocalClass()
        && isVisible(type.getModifiers())
        && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static <M extends Member & AnnotatedElement> boolean isVisible(M member) {
    return !member.isSynthetic()
        && isVisible(member.getModifiers())
        && !OF_EVERY_OBJECT.contains(member.getName());
  }

  private static String header(Class<?> type) {
    var kind =
        type.isAnnotation()
            ? "@interface"
            : type.isInterface()
                ? "interface"
                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
    var parts = new ArrayList<String>();
    int shown =
        Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL;
    int implied =
        type.isInterface()
            ? Modifier.ABSTRACT
            : type.isRecord() || type.isEnum() ? Modifier.FINAL : 0;
    parts.add(Modifier.toString(type.getModifiers() & shown & ~implied));
    if (type.isSealed()) {
      parts.add("sealed");
    }
    parts.add(kind);
    parts.add(named(type.getName()) + typeParameters(type.getTypeParameters()));
    var parent = type.getSuperclass();
    if (parent != null && !Set.of(Object.class, Record.class, Enum.class).contains(parent)) {
      parts.add("extends " + type(type.getAnnotatedSuperclass()));
    }
    if (type.getInterfaces().length > 0) {
      parts.add(
          (type.isInterface() ? "extends " : "implements ") + types(type.getAnnotatedInterfaces()));
    }
    return String.join(" ", parts);
  }

  private static String field(Field field) {
    return modifiers(field) + type(field.getAnnotatedType()) + " " + field.getName();
  }

  private static String constructor(Constructor<?> constructor) {
    return modifiers(constructor) + "new" + parameters(constructor);
  }

  private static String method(Method method) {
    var parameters = typeParameters(method.getTypeParameters());
    return modifiers(method)
        + (method.isDefault() ? "default " : "")
        + (parameters.isEmpty() ? "" : parameters + " ")
        + type(method.getAnnotatedReturnType())
        + " "
        + method.getName()
        + parameters(method);
  }

  private static String modifiers(Member member) {
    int shown =
        Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL;
    if (member.getDeclaringClass().isInterface()) {
      shown &= ~(Modifier.PUBLIC | Modifier.ABSTRACT);
    }
    var modifiers = Modifier.toString(member.getModifiers() & shown);
    return modifiers.isEmpty() ? "" : modifiers + " ";
  }

  private static String parameters(Executable executable) {
    var thrown = types(executable.getAnnotatedExceptionTypes());
    var taken = types(executable.getAnnotatedParameterTypes());
    return "("
        + (executable.isVarArgs() ? taken.replaceFirst("\\[]$", "...") : taken)
        + ")"
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String typeParameters(TypeVariable<?>[] parameters) {
    return parameters.length == 0
        ? ""
        : Arrays.stream(parameters)
            .map(p -> bounded(p.getName(), types(p.getAnnotatedBounds())))
            .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String bounded(String name, String bounds) {
    return bounds.equals("Object") ? name : name + " extends " + bounds;
  }

  /** A nested type's name as it stands in source. */
  private static String named(String name) {
    return name.replace('$', '.');
  }

  private static String types(AnnotatedType[] types) {
    return Arrays.stream(types).map(ApiText::type).collect(Collectors.joining(", "));
  }

  /** The type with its annotations, packages left out. */
  private static String type(AnnotatedType type) {
    return type.toString()
        .replaceAll("\\b(?:[a-z][a-z0-9]*\\.)+(?=@?[A-Z])", "")
        .replace("@Nullable()", "@Nullable");
  }
}
