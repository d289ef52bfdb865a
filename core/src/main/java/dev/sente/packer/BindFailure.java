package dev.sente.packer;

import dev.sente.event.Keyword;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/** Says in words for the peer why Jackson could not bind. */
public final class BindFailure {

  /** The longest path told, in characters; names in it may come from the peer. */
  private static final int MAX_PATH = 200;

  private BindFailure() {}

  /** The exception to throw for what Jackson threw; it names no classes. */
  public static BindException of(JacksonException failure) {
    return new BindException(path(failure), message(failure), failure);
  }

  private static String path(JacksonException failure) {
    var path = new StringBuilder();
    for (var step : failure.getPath()) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return path.length() > MAX_PATH ? path.substring(0, MAX_PATH) + "…" : path.toString();
  }

  private static String message(JacksonException failure) {
    return switch (failure) {
      case UnrecognizedPropertyException e -> "expected no property of this name";
      case InvalidTypeIdException e -> "expected the name of a known type";
      case ValueInstantiationException e -> "expected a value within the receiver's bounds";
      case InvalidFormatException e ->
          "expected " + expected(e.getTargetType()) + ", was another " + given(e.getCurrentToken());
      case MismatchedInputException e ->
          "expected "
              + expected(e.getTargetType())
              + (e.getCurrentToken() == null
                  ? ", was not there"
                  : ", was " + an(given(e.getCurrentToken())));
      case InputCoercionException e ->
          "expected " + expected(e.getTargetType()) + ", was too large";
      default -> "expected a value that fits";
    };
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "another value";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .limit(20)
          .map(Object::toString)
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == double.class
        || type == float.class
        || type == Double.class
        || type == Float.class) {
      return "a number";
    }
    if (type == char.class || type == Character.class) {
      return "a character";
    }
    if (type.isPrimitive()
        || type == Integer.class
        || type == Long.class
        || type == Short.class
        || type == Byte.class) {
      return "an integer";
    }
    if (Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    if (type == byte[].class) {
      return "bytes";
    }
    if (type.isArray() || Collection.class.isAssignableFrom(type)) {
      return "a vector";
    }
    if (CharSequence.class.isAssignableFrom(type)) {
      return "a string";
    }
    if (type == Keyword.class) {
      return "a keyword";
    }
    if (Temporal.class.isAssignableFrom(type) || Date.class.isAssignableFrom(type)) {
      return "a time";
    }
    if (type == UUID.class) {
      return "a UUID";
    }
    return Map.class.isAssignableFrom(type) || !type.getName().startsWith("java.")
        ? "a map"
        : "another value";
  }

  private static String an(String noun) {
    return switch (noun) {
      case "null", "bytes" -> noun;
      case "integer" -> "an integer";
      default -> "a " + noun;
    };
  }

  private static String given(@Nullable JsonToken token) {
    return switch (token) {
      case null -> "value";
      case START_OBJECT, END_OBJECT, PROPERTY_NAME -> "map";
      case START_ARRAY, END_ARRAY -> "vector";
      case VALUE_STRING -> "string";
      case VALUE_NUMBER_INT -> "integer";
      case VALUE_NUMBER_FLOAT -> "number";
      case VALUE_TRUE, VALUE_FALSE -> "boolean";
      case VALUE_NULL -> "null";
      default -> "value";
    };
  }
}
