"""`chuan plan parse`: what the product reads in a decision, before anybody signs in."""

from __future__ import annotations

import argparse
import json

from chuan.config.cli.terminal import say
from chuan.config.trouble import Trouble
from chuan.modules.plans.parsing import UnreadableFile, read_plan


def parse(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        raise Trouble(f"Không có tệp {options.file}. There is no such file.")
    try:
        plan = read_plan(options.file).as_json()
    except UnreadableFile as unreadable:
        raise Trouble(str(unreadable)) from None
    if options.json:
        say(json.dumps(plan, ensure_ascii=False, indent=2))
        return 0
    say(plan["document"]["title"] or "(không đọc được trích yếu)")
    for task in plan["tasks"]:
        leads = "; ".join(body["name"] for body in task["lead"])
        say(f"{task['code']:>6}  {task['text']}")
        say(f"        {leads}  |  {task['time_text']}")
    say(
        f"{len(plan['sections'])} mục, {len(plan['tasks'])} nhiệm vụ, "
        f"{len(plan['body_points'])} điểm nội dung, {len(plan['warnings'])} điều cần xem lại"
    )
    for warning in plan["warnings"]:
        say(f"  ? {warning['message']}")
    return 0
