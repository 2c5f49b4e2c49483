"use strict";
// Leads through a lesson: a step is shown when the one before it is done, and nothing of the run that comes after it.
(() => {
  const steps = [...document.querySelectorAll("#lesson .step")];
  const stage = document.getElementById("past");
  const score = document.getElementById("score");
  const number = text => Number(text.replace(/[,_ ]/g, ""));
  let current = -1;
  // What was predicted in the current step: a choice, a number, or null; undefined before.
  let predicted;
  let [asked, right] = [0, 0];

  const part = (step, name) => step.querySelector("." + name);

  const begin = i => {
    current = i;
    predicted = undefined;
    const step = steps[i];
    step.hidden = false;
    part(step, "stage").append(stage);
    past.stop();
    past.bound(Number(step.dataset.from));
    past.show(Number(step.dataset.from));
    if (i > 0) step.scrollIntoView();
  };

  // The calls are seen first, then the answer.
  const predict = (step, answer) => {
    if (steps[current] !== step || predicted !== undefined) return;
    predicted = answer;
    step.querySelectorAll("form button, form input").forEach(input => { input.disabled = true; });
    past.bound(Number(step.dataset.to));
    part(step, "stage").scrollIntoView({ block: "nearest" });
    if (step.dataset.to === step.dataset.from) return reveal(step);
    past.play();
  };

  const reveal = step => {
    const answer = part(step, "answer");
    answer.hidden = false;
    answer.open = true;
    part(step, "next").hidden = current + 1 === steps.length && !document.getElementById("rest");
    if (predicted === null) return;
    const isRight = "right" in step.dataset ? step.dataset.right.split(" ").map(Number).includes(predicted) : null;
    if (isRight === null) return;
    asked += 1;
    right += isRight ? 1 : 0;
    part(answer, isRight ? "came" : "did-not").hidden = false;
    const assumes = answer.querySelector(`[data-assumes="${predicted}"]`);
    if (!isRight && assumes) assumes.hidden = false;
    score.textContent = score.dataset.words.replace("{0}", right).replace("{1}", asked);
  };

  past.shown = at => {
    if (predicted !== undefined && part(steps[current], "answer").hidden && at >= Number(steps[current].dataset.to)) {
      reveal(steps[current]);
    }
  };

  steps.forEach((step, i) => {
    step.hidden = true;
    part(step, "answer").hidden = true;
    step.querySelectorAll(".came, .did-not, [data-assumes]").forEach(said => { said.hidden = true; });
    step.querySelectorAll("[data-choice]").forEach(button => {
      button.addEventListener("click", () => {
        button.setAttribute("aria-pressed", "true");
        predict(step, Number(button.dataset.choice));
      });
    });
    part(step, "look").addEventListener("click", () => predict(step, null));
    step.querySelector("form").addEventListener("submit", event => {
      event.preventDefault();
      const typed = step.querySelector("form input");
      if (typed && typed.value.trim() !== "" && Number.isInteger(number(typed.value))) predict(step, number(typed.value));
    });
    part(step, "next").addEventListener("click", () => {
      part(step, "next").hidden = true;
      if (i + 1 < steps.length) return begin(i + 1);
      const rest = document.getElementById("rest");
      rest.hidden = false;
      rest.scrollIntoView();
    });
  });
  const rest = document.getElementById("rest");
  if (rest) rest.hidden = true;
  // A choice by its number, as on the terminal.
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input")) return;
    const step = steps[current];
    const choice = step.querySelector(`[data-choice="${Number(event.key) - 1}"]`);
    if (/^[1-9]$/.test(event.key) && choice) choice.click();
  });
  begin(0);
})();
