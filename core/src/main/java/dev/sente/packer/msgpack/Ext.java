package dev.sente.packer.msgpack;

/** The numbers of extension types that Clojure's Sente uses. */
final class Ext {

  static final int TIMESTAMP = -1;
  static final int KEYWORD = 0;
  static final int SYMBOL = 1;
  static final int CHARACTER = 2;
  static final int RATIO = 3;
  static final int SET = 4;
  static final int INTS = 5;
  static final int FLOATS = 6;
  static final int DOUBLES = 7;
  static final int KEY = 8;
  static final int UUID = 9;

  /** The namespace of the tags that stand for types not in this list: {@code msgpack/ext42}. */
  static final String TAG_PREFIX = "msgpack/ext";

  private Ext() {}
}
