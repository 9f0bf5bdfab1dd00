package chat.magpie.knowledge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineWrapTest {
  @Test
  void aParagraphBecomesOneLine() {
    assertThat(LineWrap.undo("one two\nthree\n  four")).isEqualTo("one two three four");
    assertThat(LineWrap.undo("退货\n期限为三十天，\n定制商品除外")).isEqualTo("退货期限为三十天，定制商品除外");
    assertThat(LineWrap.undo("设置\nOPENAI")).isEqualTo("设置 OPENAI");
  }

  @Test
  void whatHasLinesOfItsOwnKeepsThem() {
    for (String block :
        new String[] {
          "- a\n- b",
          "1. a\n2. b",
          "> a\n> b",
          "| a |\n|---|\n| b |",
          "```\na\nb\n```",
          "    code\n    more",
          "hard  \nbreak",
          "back\\\nslash"
        }) {
      assertThat(LineWrap.undo(block)).isEqualTo(block);
    }
  }

  @Test
  void anItemIsJoinedWithItsContinuation() {
    assertThat(LineWrap.undo("- one\n  more\n- two")).isEqualTo("- one more\n- two");
  }
}
