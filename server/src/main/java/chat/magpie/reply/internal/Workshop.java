package chat.magpie.reply.internal;

import chat.magpie.character.Characters;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.handover.HumanCalls;
import chat.magpie.knowledge.Gaps;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.ContextReceipt;
import chat.magpie.memory.Digests;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.reply.ReplyOutcomes;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.function.Consumer;

/// What every reply of a node is made with.
///
/// @param node this node's id, the owner of its replies
/// @param start starts a reply that has been claimed
record Workshop(
    String node,
    ReplyConfig config,
    Conversations conversations,
    Characters characters,
    Gathering gathering,
    Deciding deciding,
    Models models,
    Tokens tokens,
    ShortTermMemory memory,
    Digests digests,
    HumanCalls calls,
    Gaps gaps,
    ReplyMetrics metrics,
    ReplyOutcomes outcomes,
    ObjectMapper mapper,
    Consumer<ReplyRecord> start) {

  String json(ContextReceipt receipt) {
    try {
      return mapper.writeValueAsString(receipt);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of our own always has a JSON form", e);
    }
  }
}
