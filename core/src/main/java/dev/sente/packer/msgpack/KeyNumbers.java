package dev.sente.packer.msgpack;

/**
 * The numbers of the keys that a message spelled out so far, for writing. A table of open
 * addresses, since a HashMap would take longer than all else about a map.
 */
final class KeyNumbers {

  private Object[] keys = new Object[32];
  private short[] numbers = new short[32];
  private int count;

  /** The number of a key; -1 if it is new, in which case it has one from now on if any is left. */
  int number(Object key) {
    int slot = find(key);
    if (keys[slot] != null) {
      return numbers[slot];
    }
    if (count < KeyTable.MAX) {
      if (count * 2 == keys.length) {
        grow();
        slot = find(key);
      }
      keys[slot] = key;
      numbers[slot] = (short) count++;
    }
    return -1;
  }

  /** Where the key is, or would be. */
  private int find(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    int slot = hash >>> Integer.numberOfLeadingZeros(keys.length - 1);
    while (keys[slot] != null && !keys[slot].equals(key)) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  private void grow() {
    var oldKeys = keys;
    var oldNumbers = numbers;
    keys = new Object[oldKeys.length * 2];
    numbers = new short[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != null) {
        int slot = find(oldKeys[i]);
        keys[slot] = oldKeys[i];
        numbers[slot] = oldNumbers[i];
      }
    }
  }
}
