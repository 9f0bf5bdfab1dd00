import './page.css';
import './magpie-chat';
