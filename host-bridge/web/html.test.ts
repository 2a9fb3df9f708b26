// Nothing that is put into a page becomes markup.

import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "./html.ts";

test("text is escaped, HTML is not, null is nothing, a list is its parts", () => {
  const name = `<b onclick="x('&')">`;
  expect(html`<p title="${name}">${name}</p>`.text).toBe(
    `<p title="&lt;b onclick=&quot;x(&#39;&amp;&#39;)&quot;&gt;">&lt;b onclick=&quot;x(&#39;&amp;&#39;)&quot;&gt;</p>`,
  );
  expect(html`${html`<i>${1}</i>`}${null}${["a", html`<br>`, "<"]}`.text).toBe("<i>1</i>a<br>&lt;");
});

test("no text brings a character of markup with it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { text: page } = html`<p>${text}</p>`;
      expect(page.slice(3, -4)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
  );
});

test("an object that only looks like HTML is refused", () => {
  expect(() => html`${JSON.parse('{"text":"<script>"}') as string}`).toThrow(TypeError);
});
