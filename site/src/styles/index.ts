import "./fonts.css";
import "./base.css";
import "./shell.css";
import "./parts.css";
import "./pages.css";
import "./numbers.css";
import "./map.css";
import "./print.css";
