package dev.sente.time;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is to be run when, without a clock. Any thread may set and cancel; nothing is run here.
 *
 * <p>Design. Nearly all alarms are cancelled before they are due, and nearly all have one of a few
 * delays: so those of the same delay stand in a list, in the order in which they were set, which is
 * the order in which they are due. To set or to cancel one changes two links, however many there
 * are. Only the lists are sorted, by a moment at which their first may be due.
 */
final class Alarms {

  /** A task that will be due unless it is cancelled. */
  final class Alarm implements Time.Alarm {
    private final Row row;
    private final long due;

    /** Null once it was run or cancelled. Guarded by the alarms' lock, as all of this. */
    private @Nullable Runnable task;

    private @Nullable Alarm before;
    private @Nullable Alarm after;

    private Alarm(Row row, long due, Runnable task) {
      this.row = row;
      this.due = due;
      this.task = task;
    }

    long due() {
      return due;
    }

    @Override
    public void cancel() {
      synchronized (Alarms.this) {
        if (task != null) {
          row.remove(this);
        }
      }
    }
  }

  /** The alarms of one delay. */
  private static final class Row {
    private final long delay;

    /** When to look at it; not later than its first is due. */
    private long lookAt;

    private @Nullable Alarm first;
    private @Nullable Alarm last;

    Row(long delay) {
      this.delay = delay;
    }

    void add(Alarm alarm) {
      alarm.before = last;
      if (last == null) {
        first = alarm;
      } else {
        last.after = alarm;
      }
      last = alarm;
    }

    /** Takes it out; gives its task. */
    @Nullable Runnable remove(Alarm alarm) {
      var before = alarm.before;
      var after = alarm.after;
      if (before == null) {
        first = after;
      } else {
        before.after = after;
      }
      if (after == null) {
        last = before;
      } else {
        after.before = before;
      }
      var task = alarm.task;
      alarm.task = null;
      alarm.before = null;
      alarm.after = null;
      return task;
    }
  }

  /** Those that hold an alarm, or held one at their last look. */
  private final Map<Long, Row> rows = new HashMap<>();

  private final PriorityQueue<Row> looks =
      new PriorityQueue<>((a, b) -> Long.compare(a.lookAt, b.lookAt));

  /**
   * Sets an alarm.
   *
   * @param clock asked within the lock, so that of two alarms of one row the later is not due first
   * @param delay in the clock's unit, at least 0
   */
  synchronized Alarm set(LongSupplier clock, long delay, Runnable task) {
    var row = rows.get(delay);
    boolean isNew = row == null;
    if (row == null) {
      row = new Row(delay);
      rows.put(delay, row);
    }
    var alarm = new Alarm(row, clock.getAsLong() + delay, task);
    row.add(alarm);
    if (isNew) {
      row.lookAt = alarm.due;
      looks.add(row);
    }
    return alarm;
  }

  /** When to ask again for what is due; {@link Long#MAX_VALUE} for never, unless one is set. */
  synchronized long next() {
    var row = looks.peek();
    return row == null ? Long.MAX_VALUE : row.lookAt;
  }

  /** How many delays there are. */
  synchronized int size() {
    return rows.size();
  }

  /** Takes what is due, each row's in order. */
  synchronized List<Runnable> takeDue(long now) {
    var due = new ArrayList<Runnable>();
    for (var row = looks.peek(); row != null && row.lookAt <= now; row = looks.peek()) {
      looks.remove();
      for (var alarm = row.first; alarm != null && alarm.due <= now; alarm = row.first) {
        due.add(row.remove(alarm));
      }
      if (row.first == null) {
        rows.remove(row.delay);
      } else {
        row.lookAt = row.first.due;
        looks.add(row);
      }
    }
    return due;
  }
}
