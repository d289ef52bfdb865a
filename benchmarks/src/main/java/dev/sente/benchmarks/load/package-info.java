/**
 * The load driver: clients that speak whatever a subject speaks, as cheaply as possible, all on one
 * event loop.
 *
 * <p>A subject is a server of its own process and a {@link dev.sente.benchmarks.load.Dialect}. To
 * add one:
 *
 * <ol>
 *   <li>The server takes the commands of {@code subject.Console} from its standard input, and says
 *       {@code READY port} when it listens. On the JVM, implement {@code subject.Serving} and call
 *       {@code Console.serve}; elsewhere read lines. What it sends is a {@link
 *       dev.sente.benchmarks.load.Note}: {@code {"n":NUMBER,"to":CLIENT,"text":"…"}}, the text
 *       being {@link dev.sente.benchmarks.load.Note#NEWS} to all and {@link
 *       dev.sente.benchmarks.load.Note#POST} to one; and it gives back what it is asked with {@link
 *       dev.sente.benchmarks.load.Note#ECHO}.
 *   <li>The dialect makes a {@link dev.sente.benchmarks.load.Talk} for each client: how to open,
 *       what to answer to what the server says, how to ask. It recognises messages by a {@link
 *       dev.sente.benchmarks.load.Shape}, which is the message's text with {@code #} for the number
 *       and {@code @} for the client's name, and tells their numbers to its {@link
 *       dev.sente.benchmarks.load.Talk.Ear}. {@code RawDialect} is the shortest example.
 *   <li>A line in {@code run.Subject} names both, and the workloads that it can do.
 * </ol>
 *
 * <p>{@link dev.sente.benchmarks.load.Fleet} checks the order of what each client hears.
 */
@NullMarked
package dev.sente.benchmarks.load;

import org.jspecify.annotations.NullMarked;
