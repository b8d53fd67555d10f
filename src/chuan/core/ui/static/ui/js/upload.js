// Files sent piece by piece as soon as they are chosen: a lost line, even a reload, costs one piece.
// Progressive enhancement only: without this file they travel with the form. The protocol is tus 1.0.
(function () {
  "use strict";

  var FIRST = 128 * 1024, LEAST = 32 * 1024, MOST = 1024 * 1024;  // bytes of a piece, by how fast the line is
  var WAITS = [1000, 2000, 4000, 8000, 15000, 30000];             // ms before the next try on a lost line
  var PREFIX = "chuan-upload:", STORE = "chuan-uploads", FIELD = "__gui-truoc";
  var english = document.documentElement.lang === "en";
  var SAY = english ? {
    sending: "Sending ", of: " of ", lost: "No connection. It goes on by itself when the line is back. Sent ", done: "Sent: ", cancel: "Cancel", drop: "Remove this file",
    retry: "Try now", wait: "The form will be sent as soon as the file is.", again: "Choose the same file again to go on: ", preparing: "Preparing…", camera: "Take a photo",
    failed: "The file could not be sent. Choose it again.", progress: "Part of the file sent", signedOut: "You have been signed out. Sign in in another tab, then try again."
  } : {
    sending: "Đang gửi ", of: " trên ", lost: "Mất kết nối. Tệp tự gửi tiếp khi có mạng. Đã gửi ", done: "Đã gửi xong: ", cancel: "Hủy gửi", drop: "Bỏ tệp này",
    retry: "Thử ngay", wait: "Biểu mẫu sẽ được gửi ngay khi tệp gửi xong.", again: "Chọn lại đúng tệp này để gửi tiếp: ", preparing: "Đang chuẩn bị…", camera: "Chụp ảnh",
    failed: "Chưa gửi được tệp. Hãy chọn lại.", progress: "Phần tệp đã gửi", signedOut: "Phiên làm việc đã hết. Đăng nhập ở một thẻ khác rồi thử lại."
  };

  function all(selector, root) { return Array.from((root || document).querySelectorAll(selector)); }
  function read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch (e) { return null; } }
  function keep(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch (e) { /* full or forbidden */ } }
  function forget(key) { try { localStorage.removeItem(key); } catch (e) { /* forbidden */ } }
  function size(bytes) {
    var text = bytes < 1048576 ? Math.round(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
    return english ? text : text.replace(".", ",");
  }

  // the file itself stays in this browser until it has arrived: a photo cannot be chosen twice
  function files(mode, act) {
    return new Promise(function (done) {
      var asked;
      try { asked = indexedDB.open(STORE, 1); } catch (e) { done(null); return; }
      asked.onupgradeneeded = function () { asked.result.createObjectStore("files"); };
      asked.onerror = function () { done(null); };
      asked.onsuccess = function () {
        try {
          var work = asked.result.transaction("files", mode), got = act(work.objectStore("files"));
          work.oncomplete = function () { asked.result.close(); done(got && got.result || null); };
          work.onerror = work.onabort = function () { asked.result.close(); done(null); };
        } catch (e) { asked.result.close(); done(null); }
      };
    });
  }

  function base64(text) { return btoa(unescape(encodeURIComponent(text))); }

  function digest(file) {
    if (!window.crypto || !crypto.subtle) return Promise.resolve("");
    return file.arrayBuffer().then(function (bytes) { return crypto.subtle.digest("SHA-256", bytes); }).then(function (hash) {
      return Array.from(new Uint8Array(hash)).map(function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
    }).catch(function () { return ""; });
  }

  function resumable(input) {
    var form = input.form, who = document.body.dataset.person || "", key = PREFIX + who + ":" + location.pathname + ":" + input.name;
    var token = form.querySelector('[name="csrfmiddlewaretoken"]').value;
    var now = null, file = null, piece = FIRST, tries = 0, timer = null, request = null, waitingFor = null;

    var box = document.createElement("div"), line = document.createElement("p"), bar = document.createElement("progress"), buttons = document.createElement("p");
    var sent = document.createElement("input");
    box.className = "stack-sm sending"; box.hidden = true;
    line.setAttribute("role", "status");
    bar.max = 100; bar.setAttribute("aria-label", SAY.progress);
    buttons.className = "actions";
    box.append(line, bar, buttons);
    (input.closest(".drop") || input).insertAdjacentElement("afterend", box);
    sent.type = "hidden"; sent.name = input.name + FIELD; sent.disabled = true;
    form.appendChild(sent);

    function show(text, acts, bad) {
      box.hidden = false;
      line.textContent = text + (waitingFor ? " " + SAY.wait : "");
      line.className = bad ? "err" : "small";
      bar.hidden = !now || bad || now.offset >= now.size;
      if (now) bar.value = Math.floor(100 * now.offset / now.size);
      buttons.textContent = "";
      (acts || []).forEach(function (act) {
        var button = document.createElement("button");
        button.type = "button"; button.className = "btn btn-sm"; button.textContent = act[0];
        button.addEventListener("click", act[1]);
        buttons.appendChild(button);
      });
    }
    function hide() { box.hidden = true; line.textContent = ""; }
    function how() { return "“" + now.name + "”, " + size(now.offset) + SAY.of + size(now.size); }
    function mine(one) { return now === one; }

    function ask(method, url, headers, body, onProgress) {
      return new Promise(function (done) {
        var asked = new XMLHttpRequest();
        asked.open(method, url);
        asked.setRequestHeader("Tus-Resumable", "1.0.0");
        asked.setRequestHeader("X-CSRFToken", token);
        Object.keys(headers || {}).forEach(function (name) { asked.setRequestHeader(name, headers[name]); });
        if (onProgress) asked.upload.onprogress = onProgress;
        asked.onloadend = function () { done(asked); };
        // what was announced or given up is heard to the end, whatever the person does meanwhile
        if (method === "PATCH" || method === "HEAD") request = asked;
        asked.send(body || null);
      });
    }

    function stop() { clearTimeout(timer); if (request) { request.onloadend = null; request.abort(); request = null; } }

    function forgetAll() {
      var old = now;
      stop();
      now = null; file = null; waitingFor = null;
      sent.value = ""; sent.disabled = true;
      forget(key);
      files("readwrite", function (store) { return store.delete(key); });
      return old;
    }

    function cancel() {
      var old = forgetAll();
      input.value = "";
      hide();
      input.focus();
      if (old && old.url) ask("DELETE", old.url);
    }

    function refuse(text) {
      forgetAll();
      show(text || SAY.failed, [], true);
      line.setAttribute("role", "alert");
    }

    function later() {
      show(SAY.lost + how() + ".", [[SAY.retry, go], [SAY.cancel, cancel]]);
      clearTimeout(timer);
      timer = setTimeout(go, WAITS[Math.min(tries++, WAITS.length - 1)]);
    }

    function reason(answer) { try { return JSON.parse(answer.responseText).error; } catch (e) { return ""; } }

    function begin(chosen) {
      var one = now = { name: chosen.name, size: chosen.size, modified: chosen.lastModified, offset: 0, url: "" };
      file = chosen;
      show(SAY.preparing, [[SAY.cancel, cancel]]);
      digest(chosen).then(function (hash) {
        if (!mine(one)) return;
        one.sha256 = hash;
        files("readwrite", function (store) { return store.put(chosen, key); });
        announce(one);
      });
    }

    function announce(one) {
      var told = "filename " + base64(one.name) + (one.sha256 ? ",sha256 " + base64(one.sha256) : "");
      ask("POST", input.dataset.resumable, { "Upload-Length": String(one.size), "Upload-Metadata": told }).then(function (answer) {
        if (!mine(one)) { if (answer.status === 201) ask("DELETE", answer.getResponseHeader("Location")); return; }
        if (answer.status === 201) { one.url = answer.getResponseHeader("Location"); tries = 0; keep(key, one); send(one); }
        else if (answer.status === 413 || answer.status === 422 || answer.status === 400) refuse(reason(answer));
        else if (answer.status === 403) show(SAY.signedOut, [[SAY.retry, go], [SAY.cancel, cancel]]);
        else later();
      });
    }

    // after anything that may have been lost: where does the other side stand?
    function go() {
      var one = now;
      if (!one || !file) return;
      stop();
      if (!one.url) { announce(one); return; }
      ask("HEAD", one.url).then(function (answer) {
        if (!mine(one)) return;
        if (answer.status === 200) { one.offset = +answer.getResponseHeader("Upload-Offset"); tries = 0; send(one); }
        else if (answer.status === 404) { one.offset = 0; one.url = ""; announce(one); }
        else if (answer.status === 403) show(SAY.signedOut, [[SAY.retry, go], [SAY.cancel, cancel]]);
        else later();
      });
    }

    function send(one) {
      if (one.offset >= one.size) { finish(one); return; }
      var from = one.offset, until = Math.min(one.size, from + piece), begun = Date.now();
      show(SAY.sending + how() + ".", [[SAY.cancel, cancel]]);
      ask("PATCH", one.url, { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" }, file.slice(from, until), function (event) {
        if (mine(one)) bar.value = Math.floor(100 * (from + event.loaded) / one.size);
      }).then(function (answer) {
        if (!mine(one)) return;
        if (answer.status === 204) {
          var took = Date.now() - begun;
          piece = took < 1500 ? Math.min(MOST, piece * 2) : took > 8000 ? Math.max(LEAST, piece / 2) : piece;
          one.offset = +answer.getResponseHeader("Upload-Offset");
          tries = 0;
          keep(key, one);
          send(one);
        }
        else if (answer.status === 409) { one.offset = +answer.getResponseHeader("Upload-Offset"); send(one); }
        else if (answer.status === 422 || answer.status === 413) refuse(reason(answer));
        else if (answer.status === 404) { one.offset = 0; one.url = ""; announce(one); }
        else if (answer.status === 403) show(SAY.signedOut, [[SAY.retry, go], [SAY.cancel, cancel]]);
        else later();
      });
    }

    function finish(one) {
      keep(key, one);
      files("readwrite", function (store) { return store.delete(key); });
      input.value = "";
      sent.value = one.url.replace(/^.*\/([0-9a-f-]{36})\/$/, "$1").replace(/-/g, "");
      sent.disabled = false;
      show(SAY.done + "“" + one.name + "” (" + size(one.size) + ").", [[SAY.drop, cancel]]);
      if (waitingFor) { var button = waitingFor.button; waitingFor = null; form.requestSubmit(button || undefined); }
    }

    input.addEventListener("change", function () {
      var chosen = input.files[0], old = read(key);
      if (!chosen) return;
      // what the page finds wrong with the file at once is said by forms.js, just before
      setTimeout(function () {
        if (document.getElementById(input.id + "_early")) return;
        line.setAttribute("role", "status");
        if (now && !file && old && old.name === chosen.name && old.size === chosen.size && old.modified === chosen.lastModified) { file = chosen; go(); return; }
        var before = now && forgetAll();
        if (before && before.url) ask("DELETE", before.url).then(function () { begin(chosen); }); else begin(chosen);
      });
    });

    form.addEventListener("submit", function (event) {
      if (!now || !file || now.offset >= now.size || (event.submitter && event.submitter.formNoValidate)) return;
      event.preventDefault();
      waitingFor = { button: event.submitter };
      line.textContent += " " + SAY.wait;
    });

    window.addEventListener("online", function () { if (now && file && now.offset < now.size) { tries = 0; go(); } });
    document.addEventListener("chuan:sign-out", function () { stop(); now = null; });

    // what this page had begun to send before it was loaded again
    (function () {
      var old = read(key);
      if (!old || !old.url) return;
      ask("HEAD", old.url).then(function (answer) {
        if (now) return;
        if (answer.status === 404) { forget(key); files("readwrite", function (store) { return store.delete(key); }); return; }
        now = old;
        if (answer.status === 200) now.offset = +answer.getResponseHeader("Upload-Offset");
        if (answer.status === 200 && now.offset >= now.size) { finish(now); return; }
        files("readonly", function (store) { return store.get(key); }).then(function (kept) {
          if (!mine(old)) return;
          if (kept && kept.size === old.size) { file = kept; if (answer.status === 200) send(old); else later(); }
          else show(SAY.again + how() + ".", [[SAY.cancel, cancel]]);
        });
      });
    })();

    // on a phone, a button that opens the camera at once
    if (matchMedia("(pointer: coarse)").matches && /\.jpe?g/.test(input.accept)) {
      var camera = document.createElement("button"), accepted = input.accept;
      camera.type = "button"; camera.className = "btn btn-sm"; camera.textContent = SAY.camera;
      camera.addEventListener("click", function () {
        input.accept = "image/*"; input.setAttribute("capture", "environment");
        input.click();
        setTimeout(function () { input.accept = accepted; input.removeAttribute("capture"); }, 500);
      });
      input.insertAdjacentElement("afterend", camera);
    }
  }

  all('input[type="file"][data-resumable]').forEach(function (input) { if (input.form) resumable(input); });
})();
