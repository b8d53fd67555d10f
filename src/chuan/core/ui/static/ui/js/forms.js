// Forms: drafts that save themselves, characters left, files too large, leaving with unsaved text, sending once.
// Progressive enhancement only: the server checks everything again.
(function () {
  "use strict";

  var EVERY = 10000;             // ms between two savings of a changed draft
  var KEPT = 14 * 24 * 3600e3;   // ms an unsent draft stays in this browser
  var PREFIX = "chuan-draft:";
  var english = document.documentElement.lang === "en";
  var SAY = english ? {
    saved: "Saved at ", saving: "Saving…", offline: "No connection: not saved yet. The draft is kept in this browser.",
    signedOut: "You have been signed out. Sign in in another tab; your text is kept in this browser.",
    conflict: "Someone else has changed this. Open the page again to see the newest version.", refused: "Not saved: press Save to see what to mend.",
    found: "This browser holds text not sent yet, written at ", restore: "Restore it", drop: "Discard", left: " characters left.", over: " characters too many.",
    leaving: "This browser still holds text that was not sent. Signing out deletes it. Sign out?",
    tooBig: "This file is larger than ", kind: "This kind of file is not accepted. Accepted: "
  } : {
    saved: "Đã lưu lúc ", saving: "Đang lưu…", offline: "Mất kết nối, chưa lưu được. Bản nháp giữ trên máy này.",
    signedOut: "Phiên làm việc đã hết. Hãy đăng nhập ở một thẻ khác; nội dung vẫn còn trên máy này.",
    conflict: "Người khác vừa sửa mục này. Mở lại trang để xem bản mới nhất.", refused: "Chưa lưu được: bấm Lưu để xem chỗ cần sửa.",
    found: "Trên máy này còn nội dung chưa gửi được, viết lúc ", restore: "Khôi phục", drop: "Bỏ", left: " ký tự.", over: " ký tự.",
    leaving: "Trên máy này còn nội dung chưa gửi được. Đăng xuất sẽ xóa nội dung đó. Vẫn đăng xuất?",
    tooBig: "Tệp này lớn hơn ", kind: "Loại tệp này không nhận. Nhận: "
  };

  function all(selector, root) { return Array.from((root || document).querySelectorAll(selector)); }
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function clock(date) { return two(date.getHours()) + ":" + two(date.getMinutes()); }
  function day(date) { return clock(date) + ", " + two(date.getDate()) + "/" + two(date.getMonth() + 1) + "/" + date.getFullYear(); }
  function grouped(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, english ? "," : "."); }
  function read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch (e) { return null; } }
  function keep(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch (e) { /* full or forbidden: nothing kept */ } }
  function forget(key) { try { localStorage.removeItem(key); } catch (e) { /* forbidden */ } }

  function drafts() { try { return Object.keys(localStorage).filter(function (key) { return key.indexOf(PREFIX) === 0; }); } catch (e) { return []; } }

  // old drafts do not pile up; on a phone that several people use, nobody keeps another's
  drafts().forEach(function (key) {
    var draft = read(key), who = document.body.dataset.person;
    if (!draft || Date.now() - draft.at > KEPT || (who && key.indexOf(PREFIX + who + ":") !== 0)) forget(key);
  });

  // who signs out leaves nothing behind; text that was not sent yet is asked about
  document.addEventListener("submit", function (event) {
    if (!event.target.matches("[data-sign-out]")) return;
    var left = drafts();
    if (left.length && !window.confirm(SAY.leaving)) { event.preventDefault(); return; }
    left.forEach(forget);
    try {
      Object.keys(localStorage).forEach(function (key) { if (key.indexOf("chuan-upload:") === 0) forget(key); });
      indexedDB.deleteDatabase("chuan-uploads");
    } catch (e) { /* forbidden */ }
    document.dispatchEvent(new CustomEvent("chuan:sign-out"));
  });

  function fields(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && field.name !== "csrfmiddlewaretoken" && !/^(file|password|submit|button|hidden)$/.test(field.type) && !field.disabled;
    });
  }
  function values(form) {
    return fields(form).map(function (field) {
      return [field.name, field.type === "checkbox" || field.type === "radio" ? field.value + "\u0000" + field.checked
        : field.type === "select-multiple" ? Array.from(field.selectedOptions).map(function (o) { return o.value; }).join("\u0000") : field.value];
    });
  }
  function fill(form, wanted) {
    var rest = wanted.slice();
    fields(form).forEach(function (field) {
      var isBox = field.type === "checkbox" || field.type === "radio";
      var at = rest.findIndex(function (pair) { return pair[0] === field.name && (!isBox || pair[1].split("\u0000")[0] === field.value); });
      if (at < 0) return;
      var value = rest.splice(at, 1)[0][1];
      if (isBox) field.checked = value.split("\u0000")[1] === "true";
      else if (field.type === "select-multiple") Array.from(field.options).forEach(function (o) { o.selected = value.split("\u0000").indexOf(o.value) >= 0; });
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  function same(one, other) { return JSON.stringify(one) === JSON.stringify(other); }

  function keyOf(form) {
    var who = document.body.dataset.person || "";
    return PREFIX + who + ":" + location.pathname + ":" + (form.id || form.dataset.autosave || all("form").indexOf(form));
  }

  function versionOf(form) { var field = form.elements.version; return field && "value" in field ? field.value : ""; }

  // what was changed in a draft and does not stand on the page: untouched fields may have got new values since
  function unsent(draft, shown) {
    return draft.values.filter(function (pair, at) {
      return (!draft.first || !same(pair, draft.first[at])) && !shown.some(function (other) { return same(pair, other); });
    });
  }

  // a form sent well leaves no draft behind: we came here from its page, and it is not on this one, or stands here in a later version
  (function () {
    var sent; try { sent = JSON.parse(sessionStorage.getItem("chuan-sent")); sessionStorage.removeItem("chuan-sent"); } catch (e) { sent = null; }
    if (!sent || !document.referrer || new URL(document.referrer).pathname !== sent.path) return;
    if (!all("form[data-autosave]").some(function (form) { return keyOf(form) === sent.key && versionOf(form) === (sent.version || ""); })) forget(sent.key);
  })();

  function autosave(form) {
    var key = keyOf(form), state = form.querySelector("[data-autosave-state]"), first = values(form);
    var changed = false, busy = false, stopped = false, writing;
    if (!state) {
      state = document.createElement("span");
      state.className = "stamp save-state";
      form.appendChild(state);
    }
    state.classList.add("save-state");
    state.setAttribute("role", "status");

    function say(text, bad) { state.textContent = text; state.classList.toggle("is-bad", !!bad); }

    function offer() {
      var draft = read(key);
      if (!draft) return;
      var missing = unsent(draft, first);
      if (!missing.length) { forget(key); return; }
      var box = document.createElement("div"), text = document.createElement("div"), line = document.createElement("p"), buttons = document.createElement("p");
      box.className = "note note-warn"; box.setAttribute("role", "status");
      line.textContent = SAY.found + day(new Date(draft.at)) + ".";
      buttons.className = "actions";
      function button(label, act) {
        var b = document.createElement("button");
        b.type = "button"; b.className = "btn btn-sm"; b.textContent = label;
        b.addEventListener("click", function () { act(); box.remove(); });
        buttons.appendChild(b);
      }
      button(SAY.restore, function () { fill(form, missing); changed = true; save(); });
      button(SAY.drop, function () { forget(key); });
      text.appendChild(line); text.appendChild(buttons); box.appendChild(text);
      form.insertBefore(box, form.firstChild);
    }

    function hold() { keep(key, { at: Date.now(), values: values(form), first: first }); }

    function save() {
      if (!changed || busy || stopped) return;
      busy = true; changed = false;
      say(SAY.saving);
      var body = new FormData(form);
      all('input[type="file"]', form).forEach(function (input) { body.delete(input.name); });
      fetch(form.dataset.autosave || location.href, {
        method: "POST", body: body, credentials: "same-origin", redirect: "manual",
        headers: { "X-Requested-With": "autosave", "Accept": "application/json" }
      }).then(function (answer) {
        if (answer.ok) {
          return (answer.status === 204 ? Promise.resolve({}) : answer.json().catch(function () { return {}; })).then(function (told) {
            Object.keys(told.fields || {}).forEach(function (name) { var field = form.elements[name]; if (field && "value" in field) field.value = told.fields[name]; });
            say(SAY.saved + (told.saved_at || clock(new Date())));
            if (!changed) { forget(key); first = values(form); }
          });
        }
        changed = true;
        if (answer.status === 409) { stopped = true; say(SAY.conflict, true); }
        else if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) say(SAY.signedOut, true);
        else if (answer.status === 400 || answer.status === 422) { changed = false; say(SAY.refused, true); }
        else say(SAY.offline, true);
      }).catch(function () { changed = true; say(SAY.offline, true); }).finally(function () { busy = false; });
    }

    form.addEventListener("input", function () {
      changed = true;
      clearTimeout(writing);
      writing = setTimeout(hold, 600);
    });
    form.addEventListener("change", function () { changed = true; });
    form.addEventListener("submit", function () {
      clearTimeout(writing); stopped = true;
      if (same(values(form), first) && !read(key)) return;
      hold();
      try { sessionStorage.setItem("chuan-sent", JSON.stringify({ key: key, path: location.pathname, version: versionOf(form) })); } catch (e) { /* forbidden */ }
    });
    document.addEventListener("chuan:sign-out", function () { clearTimeout(writing); stopped = true; changed = false; });
    setInterval(save, EVERY);
    window.addEventListener("online", save);
    window.addEventListener("offline", function () { if (changed) { hold(); say(SAY.offline, true); } });
    window.addEventListener("pageshow", function () { stopped = false; });
    document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") { if (changed) hold(); save(); } });
    offer();
  }

  function confirmLeave(form) {
    var first = values(form), sending = false;
    form.addEventListener("submit", function () { sending = true; });
    window.addEventListener("pageshow", function () { sending = false; });
    window.addEventListener("beforeunload", function (event) {
      if (sending || same(values(form), first)) return;
      event.preventDefault();
      event.returnValue = "";
    });
  }

  // characters left, said politely after a pause; text may run over, and then says by how much
  function count(area) {
    var out = document.querySelector('[data-left-for="' + area.id + '"]'), most = +area.dataset.max, timer;
    if (!out || !most) return;
    out.setAttribute("aria-live", "polite");
    function say() {
      var left = most - area.value.length;
      out.textContent = english ? grouped(Math.abs(left)) + (left < 0 ? SAY.over : SAY.left) : (left < 0 ? "Thừa " : "Còn ") + grouped(Math.abs(left)) + (left < 0 ? SAY.over : SAY.left);
      out.classList.toggle("is-over", left < 0);
    }
    area.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(say, 400); });
    say();
  }

  // a file that the server would refuse is refused before it travels
  function checkFile(input) {
    input.addEventListener("change", function () {
      var old = document.getElementById(input.id + "_early"); if (old) old.remove();
      var most = +input.dataset.maxBytes, kinds = (input.accept || "").split(",").map(function (k) { return k.trim().toLowerCase(); }).filter(Boolean);
      var wrong = "";
      Array.from(input.files).forEach(function (file) {
        var name = file.name.toLowerCase();
        if (kinds.length && kinds.every(function (k) { return k[0] === "." && !name.endsWith(k); })) wrong = SAY.kind + kinds.join(", ").replace(/\./g, "").toUpperCase() + ".";
        else if (most && file.size > most) wrong = SAY.tooBig + Math.round(most / 1048576) + " MB.";
      });
      if (!wrong) { input.removeAttribute("aria-invalid"); return; }
      var line = document.createElement("p");
      line.className = "err"; line.id = input.id + "_early"; line.setAttribute("role", "alert"); line.textContent = wrong;
      input.setAttribute("aria-invalid", "true");
      (input.closest(".drop") || input).insertAdjacentElement("beforebegin", line);
    });
  }

  // a file that would be refused does not travel; what is wrong with it stays in sight
  document.addEventListener("submit", function (event) {
    var refused = all('input[type="file"]', event.target).find(function (input) { return document.getElementById(input.id + "_early"); });
    if (refused && !(event.submitter && event.submitter.formNoValidate)) { event.preventDefault(); refused.focus(); }
  });

  // a second click on a slow line does not send twice
  var PAUSE = 8000;
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-many")) return;
    if (form.dataset.sentAt && Date.now() - form.dataset.sentAt < PAUSE) { event.preventDefault(); return; }
    form.dataset.sentAt = Date.now();
    if (event.submitter && event.submitter.classList.contains("btn")) {
      var button = event.submitter;
      button.classList.add("is-busy");
      setTimeout(function () { button.classList.remove("is-busy"); delete form.dataset.sentAt; }, PAUSE);
    }
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent-at]").forEach(function (form) { delete form.dataset.sentAt; });
    all(".btn.is-busy[type=submit]").forEach(function (button) { button.classList.remove("is-busy"); });
  });

  function start(root) {
    all("form[data-autosave]", root).forEach(autosave);
    all("form[data-confirm-leave]", root).forEach(confirmLeave);
    all("textarea[data-max], input[data-max]", root).forEach(count);
    all('input[type="file"]', root).forEach(checkFile);
  }
  start(document);
  document.addEventListener("htmx:load", function (event) { if (event.target !== document.body) start(event.target); });
})();
