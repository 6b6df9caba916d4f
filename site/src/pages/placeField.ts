/** Choose a place of a city with more of them than a list should hold: type, and the city's own search helps. */
import { search, type Sensor } from "../api.ts";
import { h, replace } from "../dom.ts";
import { t } from "../i18n/index.ts";

const [OFFERED, TYPING_MS] = [20, 150];

export function placeField(label: string, id: string, now: string, chosen: (sensor: Sensor) => void): HTMLElement {
  let offered: readonly Sensor[] = [];
  let typing: ReturnType<typeof setTimeout> | undefined;
  const list = h("datalist", { id: `${id}-list` });
  const take = () => {
    const one = offered.find((sensor) => sensor.name === field.value.trim());
    if (one) chosen(one);
  };
  const find = async () => {
    const words = field.value.trim();
    const found = await search(words, OFFERED).catch(() => null);
    if (!found || words !== field.value.trim()) return;
    offered = found.items;
    replace(
      list,
      offered.map((one) => h("option", { value: one.name }, one.id)),
    );
  };
  const field = h("input", {
    type: "search",
    id,
    list: `${id}-list`,
    value: now,
    maxlength: 80,
    placeholder: t("find.hint"),
    onchange: take,
    oninput: () => {
      clearTimeout(typing);
      typing = setTimeout(() => void find(), TYPING_MS);
    },
  });
  return h("div", { class: "field" }, h("label", { for: id }, label), field, list);
}
