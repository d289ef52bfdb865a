package dev.sente.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/** Jackson's streaming with code for these very records, as one would write it by hand. */
final class JacksonRecords implements Codec {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final Payload payload;
  private final Object record;

  JacksonRecords(Payload payload) {
    this.payload = payload;
    this.record = payload.record();
  }

  @Override
  public byte[] encode() {
    var recycler = FACTORY._getBufferRecycler();
    try (var bytes = new ByteArrayBuilder(recycler)) {
      try (var out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
        switch (payload) {
          case B50 -> say(out, (Chat.Say) record);
          case B500 -> message(out, (Chat.Message) record);
          case KB5 -> page(out, (Chat.Page) record);
          case BATCH64 -> batch(out, (List<?>) record);
        }
      }
      return bytes.getClearAndRelease();
    } finally {
      recycler.releaseToPool();
    }
  }

  private static void say(JsonGenerator out, Chat.Say say) {
    out.writeStartObject();
    out.writeStringProperty("text", say.text());
    out.writeNumberProperty("at", say.at());
    out.writeEndObject();
  }

  private static void message(JsonGenerator out, Chat.Message message) {
    out.writeStartObject();
    out.writeStringProperty("id", message.id());
    out.writeStringProperty("room", message.room());
    out.writeStringProperty("from", message.from());
    out.writeStringProperty("text", message.text());
    out.writeNumberProperty("at", message.at());
    out.writeBooleanProperty("edited", message.edited());
    out.writeNumberProperty("score", message.score());
    out.writeName("tags");
    array(out, message.tags(), JsonGenerator::writeString);
    out.writeName("reactions");
    array(out, message.reactions(), JacksonRecords::reaction);
    out.writeEndObject();
  }

  private static <T> void array(
      JsonGenerator out, List<T> elements, BiConsumer<JsonGenerator, T> write) {
    out.writeStartArray();
    for (var element : elements) {
      write.accept(out, element);
    }
    out.writeEndArray();
  }

  private static void reaction(JsonGenerator out, Chat.Reaction reaction) {
    out.writeStartObject();
    out.writeStringProperty("emoji", reaction.emoji());
    out.writeNumberProperty("count", reaction.count());
    out.writeEndObject();
  }

  private static void page(JsonGenerator out, Chat.Page page) {
    out.writeStartObject();
    out.writeStringProperty("room", page.room());
    out.writeNumberProperty("total", page.total());
    out.writeName("messages");
    array(out, page.messages(), JacksonRecords::message);
    out.writeEndObject();
  }

  private static void batch(JsonGenerator out, List<?> events) {
    out.writeStartArray();
    out.writeStartArray();
    for (var element : events) {
      var event = (Chat.Event) element;
      var said = event.data();
      out.writeStartArray();
      out.writeString(event.id());
      out.writeStartObject();
      out.writeStringProperty("from", said.from());
      out.writeStringProperty("room", said.room());
      out.writeStringProperty("text", said.text());
      out.writeNumberProperty("at", said.at());
      out.writeNumberProperty("likes", said.likes());
      out.writeBooleanProperty("edited", said.edited());
      out.writeEndObject();
      out.writeEndArray();
    }
    out.writeEndArray();
    out.writeEndArray();
  }

  @Override
  public Object decode(byte[] bytes) {
    try (var in = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      in.nextToken();
      return switch (payload) {
        case B50 -> readSay(in);
        case B500 -> readMessage(in);
        case KB5 -> readPage(in);
        case BATCH64 -> {
          in.nextToken();
          yield list(in, JacksonRecords::readEvent);
        }
      };
    }
  }

  private static Chat.Say readSay(JsonParser in) {
    String text = "";
    long at = 0;
    for (var name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "text" -> text = in.getString();
        case "at" -> at = in.getLongValue();
        default -> in.skipChildren();
      }
    }
    return new Chat.Say(text, at);
  }

  private static Chat.Message readMessage(JsonParser in) {
    String id = "";
    String room = "";
    String from = "";
    String text = "";
    long at = 0;
    boolean edited = false;
    double score = 0;
    List<String> tags = List.of();
    List<Chat.Reaction> reactions = List.of();
    for (var name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "id" -> id = in.getString();
        case "room" -> room = in.getString();
        case "from" -> from = in.getString();
        case "text" -> text = in.getString();
        case "at" -> at = in.getLongValue();
        case "edited" -> edited = in.getBooleanValue();
        case "score" -> score = in.getDoubleValue();
        case "tags" -> tags = list(in, JsonParser::getString);
        case "reactions" -> reactions = list(in, JacksonRecords::readReaction);
        default -> in.skipChildren();
      }
    }
    return new Chat.Message(id, room, from, text, at, edited, score, tags, reactions);
  }

  private static <T> List<T> list(JsonParser in, Function<JsonParser, T> read) {
    var list = new ArrayList<T>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      list.add(read.apply(in));
    }
    return list;
  }

  private static Chat.Reaction readReaction(JsonParser in) {
    String emoji = "";
    int count = 0;
    for (var name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "emoji" -> emoji = in.getString();
        case "count" -> count = in.getIntValue();
        default -> in.skipChildren();
      }
    }
    return new Chat.Reaction(emoji, count);
  }

  private static Chat.Page readPage(JsonParser in) {
    String room = "";
    int total = 0;
    List<Chat.Message> messages = List.of();
    for (var name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "room" -> room = in.getString();
        case "total" -> total = in.getIntValue();
        case "messages" -> messages = list(in, JacksonRecords::readMessage);
        default -> in.skipChildren();
      }
    }
    return new Chat.Page(room, total, messages);
  }

  private static Chat.Event readEvent(JsonParser in) {
    in.nextToken();
    var id = in.getString();
    in.nextToken();
    var data = readSaid(in);
    in.nextToken();
    return new Chat.Event(id, data);
  }

  private static Chat.Said readSaid(JsonParser in) {
    String from = "";
    String room = "";
    String text = "";
    long at = 0;
    int likes = 0;
    boolean edited = false;
    for (var name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      switch (name) {
        case "from" -> from = in.getString();
        case "room" -> room = in.getString();
        case "text" -> text = in.getString();
        case "at" -> at = in.getLongValue();
        case "likes" -> likes = in.getIntValue();
        case "edited" -> edited = in.getBooleanValue();
        default -> in.skipChildren();
      }
    }
    return new Chat.Said(from, room, text, at, likes, edited);
  }

  @Override
  public Object expected() {
    return record;
  }
}
