// Reads codes with the camera where the browser can (BarcodeDetector); elsewhere the page keeps its box to type in.
(function () {
  "use strict";
  var stage = document.querySelector("[data-scanner]");
  if (!stage || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  var form = document.getElementById(stage.dataset.scanner);
  var start = stage.querySelector("button"), video = stage.querySelector("video"), said = stage.querySelector("[role=status]");
  var stream = null, detector = null;

  function stop() {
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video.hidden = true;
    start.hidden = false;
  }

  function look() {
    if (!stream) return;
    detector.detect(video).then(function (found) {
      if (!stream) return;
      if (found.length) {
        form.elements.ma.value = found[0].rawValue;
        stop();
        form.requestSubmit();
      } else {
        window.setTimeout(look, 200);
      }
    }, function () { window.setTimeout(look, 400); });
  }

  window.BarcodeDetector.getSupportedFormats().then(function (formats) {
    var wanted = ["qr_code", "data_matrix", "ean_13", "ean_8", "itf", "code_128", "upc_a"].filter(function (one) { return formats.includes(one); });
    if (!wanted.length) return;
    detector = new window.BarcodeDetector({ formats: wanted });
    stage.hidden = false;
  });

  start.addEventListener("click", function () {
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (given) {
      stream = given;
      video.srcObject = given;
      video.hidden = false;
      start.hidden = true;
      said.textContent = stage.dataset.looking;
      return video.play().then(look);
    }).catch(function () { said.textContent = stage.dataset.refused; });
  });
  window.addEventListener("pagehide", stop);
})();
