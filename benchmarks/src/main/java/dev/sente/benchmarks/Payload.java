package dev.sente.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.sente.event.Keyword;
import dev.sente.packer.PackedValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Four messages, each as records and as plain values. */
@SuppressWarnings("ImmutableEnumChecker") // records of records, as plain as can be
public enum Payload {
  /** One small record. */
  B50(Chat.say(), Chat.Say.class),
  /** One record with lists. */
  B500(Chat.message(1), Chat.Message.class),
  /** A record of ten of those. */
  KB5(page(), Chat.Page.class),
  /** A v2 frame of 64 events, 11 KB. */
  BATCH64(batch(), Chat.Event.class);

  private static final ObjectMapper MAPPER = JsonMapper.shared();

  private final Object record;
  private final Class<?> type;

  Payload(Object record, Class<?> type) {
    this.record = record;
    this.type = type;
  }

  private static Chat.Page page() {
    return new Chat.Page("general", 1234, IntStream.range(0, 10).mapToObj(Chat::message).toList());
  }

  private static List<Chat.Event> batch() {
    return IntStream.range(0, 64).mapToObj(n -> new Chat.Event("chat/said", Chat.said(n))).toList();
  }

  /** The records; for a batch a list of them. */
  Object record() {
    return record;
  }

  /** What is packed where the data are records. */
  Object toPack() {
    if (this != BATCH64) {
      return record;
    }
    var events = new ArrayList<Object>();
    for (var event : batch()) {
      events.add(List.of(Keyword.of(event.id()), event.data()));
    }
    return List.of(events);
  }

  /** The same as plain values, with keys of a kind. */
  Object plain(Function<String, ?> key) {
    if (this != BATCH64) {
      return plain(MAPPER.convertValue(record, Object.class), key);
    }
    var events = new ArrayList<Object>();
    for (var event : batch()) {
      var data = plain(MAPPER.convertValue(event.data(), Object.class), key);
      events.add(List.of(key.apply(event.id()), data));
    }
    return List.of(events);
  }

  private static Object plain(Object value, Function<String, ?> key) {
    return switch (value) {
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<Object, Object>();
        map.forEach((k, v) -> copy.put(requireNonNull(key.apply((String) k)), plain(v, key)));
        yield copy;
      }
      case List<?> list -> {
        var copy = new ArrayList<Object>();
        list.forEach(element -> copy.add(plain(element, key)));
        yield copy;
      }
      case Integer number -> number.longValue();
      default -> value;
    };
  }

  /** Reads the records, a batch as the server reads a frame. */
  Object bind(PackedValue packed) {
    if (this != BATCH64) {
      return requireNonNull(packed.as(type));
    }
    var events = new ArrayList<Chat.Event>();
    for (var element : packed.elements().getFirst().elements()) {
      var parts = element.elements();
      var id = parts.getFirst().value();
      events.add(
          new Chat.Event(
              id instanceof Keyword keyword ? keyword.name() : (String) requireNonNull(id),
              requireNonNull(parts.get(1).as(Chat.Said.class))));
    }
    return events;
  }
}
