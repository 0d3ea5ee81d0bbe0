// The fields of answers on a page. The page holds them in full (publish/site/answers.py); here
// they come to life.

import { all, start } from "./form.js";
import { followProgress } from "./store.js";

all("form[data-answer]").forEach(start);
followProgress();
