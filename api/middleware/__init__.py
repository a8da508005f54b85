"""What every HTTP request passes before a route sees it, from the outside in: `origins` (may this page ask?), `gate`
(whose key is it?), `admission` (is there room?) and `methods` (is only the head asked for?), with `bodies` (reading
what was sent) and `rates` below them."""
