import "@fontsource-variable/source-sans-3/wght.css";
import "./base.css";
import "./shell.css";
import "./parts.css";
import "./pages.css";
import "./print.css";
