// The matrix: groups fold, arrow keys walk between cells, one tooltip for all. Without it every row is there.
(function () {
  "use strict";
  var $ = function (s, r) { return Array.from((r || document).querySelectorAll(s)); };

  $(".mx").forEach(function (mx) {
    $(".grp button", mx).forEach(function (b) {
      var body = document.getElementById(b.getAttribute("aria-controls"));
      if (b.dataset.fold === "1") { body.hidden = true; b.setAttribute("aria-expanded", "false"); }
      b.addEventListener("click", function () {
        body.hidden = !body.hidden; b.setAttribute("aria-expanded", String(!body.hidden));
      });
    });
    var heads = $("thead tr:last-child th", mx), tip = document.createElement("div");
    tip.className = "tip"; tip.hidden = true; tip.setAttribute("aria-hidden", "true"); document.body.appendChild(tip);
    var current = mx.querySelector("td.s"); if (current) current.tabIndex = 0;
    function show(td) {
      var unit = td.parentNode.querySelector(".name").textContent.trim(), head = heads[td.cellIndex];
      tip.textContent = "";
      var b = document.createElement("b"); b.textContent = unit; tip.appendChild(b);
      tip.appendChild(document.createTextNode((head.dataset.t || "") + " – " + td.textContent.trim()));
      tip.hidden = false;
      var r = td.getBoundingClientRect(), w = tip.offsetWidth, h = tip.offsetHeight;
      tip.style.left = Math.max(8, Math.min(innerWidth - w - 8, r.left + r.width / 2 - w / 2)) + "px";
      tip.style.top = (r.top - h - 6 < 8 ? r.bottom + 6 : r.top - h - 6) + "px";
    }
    var hide = function () { tip.hidden = true; };
    mx.addEventListener("mouseover", function (e) { var td = e.target.closest("td.s"); if (td) show(td); else hide(); });
    mx.addEventListener("mouseleave", hide);
    mx.addEventListener("focusin", function (e) { var td = e.target.closest("td.s"); if (td) show(td); else hide(); });
    mx.addEventListener("focusout", hide);
    mx.addEventListener("keydown", function (e) {
      var td = e.target.closest("td.s"), next; if (!td) return;
      var rows = $("tr", mx).filter(function (r) { return r.querySelector("td.s") && !r.parentNode.hidden; }), y = rows.indexOf(td.parentNode), x = td.cellIndex;
      if (e.key === "ArrowRight") next = td.nextElementSibling; else if (e.key === "ArrowLeft") next = td.previousElementSibling;
      else if (e.key === "ArrowDown") next = rows[y + 1] && rows[y + 1].cells[x]; else if (e.key === "ArrowUp") next = rows[y - 1] && rows[y - 1].cells[x];
      else if (e.key === "Home") next = td.parentNode.querySelector("td.s"); else if (e.key === "Escape") { hide(); return; } else return;
      e.preventDefault();
      if (next && next.classList.contains("s")) { td.tabIndex = -1; next.tabIndex = 0; next.focus(); }
    });
  });
})();
