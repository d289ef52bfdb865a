/**
 * One client's session. Receives calls from {@code ChannelSocketClient} and frames from {@code
 * net}, hands events to the application's handlers and frames to {@code net}.
 *
 * <pre>
 *   Life               what to do next: a pure function
 *   ClientSession      does it: the one mailbox, the connections, the state
 *   Conversation       what is said, kept and waited for, whichever connection there is
 *     StreamConversation, ClassicConversation
 *   Connection         one connection
 *     StreamSocket, StreamPolling, ClassicSocket, ClassicPolling
 *   Inbox, Handlers    the application's code, one call at a time
 * </pre>
 *
 * <p>Everything but the last line happens in the session's mailbox, so nothing else is guarded
 * unless it says so.
 */
@NullMarked
package dev.sente.client.session;

import org.jspecify.annotations.NullMarked;
