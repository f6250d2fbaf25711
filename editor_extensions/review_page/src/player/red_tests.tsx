/** Which tests are red at the moment, with what is wrong: in view until they pass. */
import type { JSX } from "preact";
import { linear } from "../episode/linear";
import { moment, storyline } from "../session";
import { redAt } from "../storyline";
import { WithChips } from "../ui/mask_chips";

export function RedTests(): JSX.Element | null {
  const red = redAt(storyline.value, moment.value);
  if (red === null) return null;
  return (
    <section class="red-tests" aria-label="Tests that are red">
      <span class="bad">
        {red.count === 1 ? "1 test is red" : `${red.count.toLocaleString("en")} tests are red`}
      </span>
      <ul class="plain">
        {red.tests.map(({ name, says }, n) => (
          <li key={n} class="cut-short mono" title={oneLine(`${name}  ${says}`)}>
            <bdi class="bad" dir="ltr">
              <WithChips text={oneLine(name)} />
            </bdi>{" "}
            <bdi dir="ltr">
              <WithChips text={oneLine(says)} />
            </bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

function oneLine(text: string): string {
  return linear(text).replaceAll("\n", "\u240a");
}
